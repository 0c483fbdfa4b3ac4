"""The command `migrate` as an operator uses it, on a product with migrations of its own."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo.database import Database

from common.mongo import Document
from testing.migrated import write_features
from testing.preloaded import Program
from testing.waiting import eventually

from .conftest import Admin

pytestmark = pytest.mark.integration

UP = 'def up(database):\n    database["things"].update_many({}, {"$set": {"new": True}})\n'
FAILS = 'def up(database):\n    database["things"].insert_one({"_id": "begun"})\n    raise ValueError("no")\n'
SLOW = 'import time\n\n\ndef up(database):\n    database["things"].insert_one({})\n    time.sleep(60)\n'

Product = Callable[..., Admin]


@pytest.fixture
def product(admin: Admin, tmp_path: Path) -> Product:
    """Makes a product with these migrations, and runs its commands."""

    def make(**migrations: str) -> Admin:
        write_features(
            tmp_path / "product" / "domain", {"thing": {f"0{name[1:]}": migrations[name] for name in migrations}}
        )

        def run(*arguments: str, **settings: str) -> tuple[int, str]:
            return admin(*arguments, **settings, PYTHONPATH=str(tmp_path / "product"))

        return run

    return make


def test_what_is_missing_is_listed_then_applied_once_and_the_indexes_are_made(
    product: Product, database: Database[Document]
) -> None:
    database["things"].insert_one({"_id": 1})
    admin = product(m001_mark=UP)
    assert admin("migrate", "--plan") == (0, "thing.0001_mark\n")
    assert admin("migrate", "--check") == (1, "thing.0001_mark\n")
    assert database["things"].find_one() == {"_id": 1}
    code, output = admin("migrate")
    assert code == 0
    assert "thing.0001_mark is applied, after 0." in output
    assert database["things"].find_one() == {"_id": 1, "new": True}
    assert admin("migrate", "--check") == (0, "No migration is missing.\n")
    assert admin("indexes", "--check") == (0, "The indexes are as declared.\n")


def test_one_that_fails_is_told_with_its_traceback_and_what_to_do(
    product: Product, database: Database[Document]
) -> None:
    code, output = product(m001_mark=UP, m002_fail=FAILS)("migrate")
    assert code == 2
    assert 'migrations/0002_fail.py", line 3, in up' in output
    said = "migrate: thing.0002_fail failed (ValueError: no). Correct it, and run `invoke db-migrate` again"
    assert said in output.splitlines()[-1]
    assert [each["_id"] for each in database["migrations"].find()] == ["thing.0001_mark"]


def test_one_that_is_declared_wrongly_is_one_line(product: Product) -> None:
    code, output = product(m001_mark="")("migrate")
    assert (code, output) == (2, "migrate: thing.0001_mark: there is no up. Write def up(database).\n")


def test_what_another_version_has_applied_is_told(product: Product, database: Database[Document]) -> None:
    database["migrations"].insert_one({"_id": "thing.0002_later", "feature": "thing", "incompatible": False})
    code, output = product(m001_mark=UP)("migrate", "--plan")
    assert code == 0
    assert output.splitlines() == [
        "note: thing.0002_later was applied, and is not part of this version",
        "thing.0001_mark",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_stopped_gives_the_lock_back(
    product: Product, environ: dict[str, str], database: Database[Document], tmp_path: Path, number: signal.Signals
) -> None:
    product(m001_slow=SLOW)
    output = tmp_path / "said"
    own = environ | {"PYTHONPATH": str(tmp_path / "product")}
    program = Program(["admin", "migrate"], own, tmp_path, output)
    eventually(lambda: database["things"].count_documents({}))
    program.send_signal(number)
    assert program.wait(20) == 130
    assert "thing.0001_slow was stopped. It is not recorded; the next run repeats it." in output.read_text()
    assert database["migrations"].count_documents({}) == 0
