"""`admin keys assign`: it tells first, changes nothing unless it is told to, and knows who can be an owner."""

import json
from datetime import timedelta

import pytest
from pymongo.database import Database

from admin.__main__ import _parser
from admin.output import CommandError
from admin.owners import assign
from common.auth.keys import Keys
from common.config import Settings
from common.mongo import Document
from testing.resource import RESOURCES

Said = pytest.CaptureFixture[str]


@pytest.fixture
def resources(database: Database[Document]) -> Database[Document]:
    """Three without an owner, one with."""
    documents: list[Document] = [*({"_id": number} for number in range(3)), {"_id": 3, "owner": "shop"}]
    database[RESOURCES.name].insert_many(documents)
    Keys(database).create("billing", ["*"])
    return database


def run(settings: Settings, *words: str) -> int:
    typed = ["keys", "assign", *words]
    return assign.run(_parser(typed).parse_args(typed), settings, [RESOURCES.name])


def unowned(database: Database[Document]) -> int:
    return database[RESOURCES.name].count_documents({"owner": {"$exists": False}})


def test_it_gives_them_and_tells_how_many(settings: Settings, resources: Database[Document], capsys: Said) -> None:
    assert run(settings, "--owner", "billing", "--yes") == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == ["collection  given", "resources   3"]
    assert said.err == "billing got 3 documents.\n"
    assert resources[RESOURCES.name].count_documents({"owner": "billing"}) == 3
    assert run(settings, "--owner", "billing", "--yes") == 0


@pytest.mark.parametrize(("words", "code"), [(["--dry-run"], 0), (["--dry-run", "--yes"], 0), ([], 1)])
def test_it_only_tells_where_it_is_not_told_to(
    settings: Settings, resources: Database[Document], capsys: Said, words: list[str], code: int
) -> None:
    assert run(settings, "--owner", "billing", *words) == code
    said = capsys.readouterr()
    assert said.out.splitlines() == ["collection  without an owner", "resources   3"]
    assert ("repeat with --yes" in said.err) is bool(code)
    assert unowned(resources) == 3


def test_where_all_have_an_owner_nothing_is_to_be_decided(settings: Settings, resources: Database[Document]) -> None:
    resources[RESOURCES.name].delete_many({"owner": {"$exists": False}})
    assert run(settings, "--owner", "billing") == 0


def test_programs_get_json(settings: Settings, resources: Database[Document], capsys: Said) -> None:
    assert unowned(resources) == 3
    assert run(settings, "--owner", "billing", "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"owner": "billing", "documents": {"resources": 3}}


@pytest.mark.parametrize("owner", ["a b", "", "$set", "oidc:anna", "bil" * 50])
def test_what_can_be_no_owner_is_refused(settings: Settings, resources: Database[Document], owner: str) -> None:
    with pytest.raises(CommandError, match="is no owner of a key"):
        run(settings, f"--owner={owner}", "--yes")
    assert unowned(resources) == 3


def test_an_owner_without_a_valid_key_is_refused(settings: Settings, resources: Database[Document]) -> None:
    Keys(resources).create("former", ["*"], timedelta())
    for owner in ("biling", "former"):
        with pytest.raises(CommandError, match=rf"{owner} has no valid key\. Such have billing; make one"):
            run(settings, "--owner", owner, "--yes")
    assert unowned(resources) == 3


def test_where_nobody_has_a_key_it_says_how_to_make_one(settings: Settings, database: Database[Document]) -> None:
    assert database[RESOURCES.name].count_documents({}) == 0
    with pytest.raises(CommandError, match="Nobody has one; make one with: keys create --owner billing"):
        run(settings, "--owner", "billing")


def test_somebody_of_the_provider_may_be_an_owner(environ: dict[str, str], resources: Database[Document]) -> None:
    provider = {"OIDC_ISSUER": "https://id.example.com", "OIDC_AUDIENCE": "https://api.example.com"}
    settings = Settings.load({**environ, **provider}, env_files=())
    assert run(settings, "--owner", "oidc:anna", "--yes") == 0
    assert resources[RESOURCES.name].count_documents({"owner": "oidc:anna"}) == 3
    with pytest.raises(CommandError, match="is no owner"):
        run(settings, "--owner", "oidc:", "--yes")
