"""The command `seed`, as a developer uses it."""

from pathlib import Path

import pytest
from pymongo.database import Database

from common.mongo import Document
from testing.migrated import write_features
from testing.strong import strong

from .conftest import Admin

pytestmark = pytest.mark.integration

THING = """
from common.feature import Feature
from common.mongo import insert_missing


def seed(database):
    return insert_missing(database["things"], [{"_id": number, "name": "example"} for number in (1, 2)])


FEATURE = Feature("thing", seed=seed)
"""


@pytest.fixture
def product(tmp_path: Path) -> str:
    """A product with one feature that has examples, and one that has none."""
    write_features(tmp_path / "product" / "domain", {"bare": {}, "thing": {}}, {"thing": THING})
    return str(tmp_path / "product")


def test_what_is_missing_is_added_and_what_was_changed_stays(
    admin: Admin, product: str, database: Database[Document]
) -> None:
    assert admin("seed", PYTHONPATH=product) == (0, "feature  new examples\nthing    2\n")
    database["things"].update_one({"_id": 1}, {"$set": {"name": "mine"}})
    database["things"].delete_one({"_id": 2})
    assert admin("seed", PYTHONPATH=product) == (0, "feature  new examples\nthing    1\n")
    assert [each["name"] for each in database["things"].find().sort("_id")] == ["mine", "example"]


def test_it_is_refused_in_production(admin: Admin, product: str, database: Database[Document]) -> None:
    code, output = admin("seed", PYTHONPATH=product, ENVIRONMENT="production", SECRET_KEY=strong("key"))
    assert (code, len(output.splitlines())) == (2, 1), output
    assert output.startswith("seed: examples are for development, and ENVIRONMENT is production.")
    assert database.list_collection_names() == []


def test_it_is_refused_on_a_database_that_is_behind(
    admin: Admin, product: str, tmp_path: Path, database: Database[Document]
) -> None:
    write_features(tmp_path / "product" / "domain", {"bare": {"0001_a": ""}})
    code, output = admin("seed", PYTHONPATH=product)
    assert (code, output) == (
        2,
        "seed: the database is behind: bare.0001_a is not applied. Run `invoke db-migrate`. Nothing was changed.\n",
    )
    assert database["things"].count_documents({}) == 0


def test_without_examples_there_is_nothing_to_add(admin: Admin, tmp_path: Path, database: Database[Document]) -> None:
    write_features(tmp_path / "empty" / "domain", {"bare": {}})
    assert admin("seed", PYTHONPATH=str(tmp_path / "empty")) == (0, "No feature has examples.\n")
    assert database.list_collection_names() == []
