"""A rehearsal restores into a database of its own, finds what differs, and leaves nothing."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import PyMongoError

from admin.backup.archive import BackupError, Reader
from admin.backup.rehearse import rehearse, trial_name
from common import backup_record
from common.config import Settings
from common.mongo import Document, connect
from testing.fixtures import drop

from .conftest import ignore


@pytest.fixture
def filled(database: Database[Document]) -> Iterator[Database[Document]]:
    """A database with data of its own; what a test leaves of the rehearsal's is removed."""
    database["a"].insert_many([{"_id": n, "text": str(n)} for n in range(500)])
    database["a"].create_indexes([IndexModel("text", unique=True), IndexModel("gone", expireAfterSeconds=0)])
    database.create_collection("b", validator={"name": {"$type": "string"}})
    database.create_collection("c", collation={"locale": "de", "strength": 1})
    yield database
    drop(database.client, trial_name(database.name))


def trial_of(database: Database[Document]) -> Database[Document]:
    return database.client[trial_name(database.name)]


def rehearsed(database: Database[Document], backup: bytes, progress: Callable[[int, int], None] = ignore) -> list[str]:
    return rehearse(database, Reader(io.BytesIO(backup)), progress)


def test_a_whole_backup_differs_in_nothing_and_nothing_is_left(
    filled: Database[Document], saved: Callable[[], bytes], content: Callable[[], Any]
) -> None:
    before = content()
    assert rehearsed(filled, saved()) == []
    assert content() == before
    assert trial_name(filled.name) not in filled.client.list_database_names()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda loaded: loaded.update_one({"_id": 7}, {"$set": {"text": "x"}}), "a has documents that do not match"),
        (lambda loaded: loaded.create_index("other"), "a has other options or indexes"),
    ],
    ids=["a document", "an index"],
)
def test_what_the_server_has_made_of_it_is_compared(
    filled: Database[Document], saved: Callable[[], bytes], change: Callable[[Any], None], said: str
) -> None:
    """A server that restores something else than it was given is played by a change while it loads."""
    pending = [change]

    def disturb(_documents: int, _bytes: int) -> None:
        if pending:
            pending.pop()(trial_of(filled)["restoring.a"])

    [difference] = rehearsed(filled, saved(), disturb)
    assert difference.startswith(said)
    assert trial_of(filled).list_collection_names() == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, PyMongoError, OSError])
def test_a_rehearsal_that_breaks_off_leaves_nothing(
    filled: Database[Document], saved: Callable[[], bytes], error: type[BaseException]
) -> None:
    def break_off(_documents: int, _bytes: int) -> None:
        raise error

    with pytest.raises(error):
        rehearsed(filled, saved(), break_off)
    assert trial_name(filled.name) not in filled.client.list_database_names()


def test_a_database_of_that_name_that_is_not_its_own_is_refused_and_untouched(
    filled: Database[Document], saved: Callable[[], bytes]
) -> None:
    trial_of(filled)["precious"].insert_one({"_id": 1})
    with pytest.raises(BackupError, match="is not of a rehearsal: it holds precious"):
        rehearsed(filled, saved())
    assert trial_of(filled)["precious"].count_documents({}) == 1


def test_what_a_killed_rehearsal_has_left_is_replaced(filled: Database[Document], saved: Callable[[], bytes]) -> None:
    trial = trial_of(filled)
    trial[backup_record.COLLECTION].insert_one({"_id": "rehearsal", "connection": "one that is gone"})
    trial["a"].insert_one({"_id": "left"})
    trial["restoring.a"].insert_one({"_id": "left"})
    assert rehearsed(filled, saved()) == []
    assert trial.list_collection_names() == []


def test_one_that_runs_is_not_disturbed(
    filled: Database[Document], saved: Callable[[], bytes], settings: Settings
) -> None:
    backup = saved()

    def begin_another(_documents: int, _bytes: int) -> None:
        with connect(settings, task="rehearse") as other, pytest.raises(BackupError, match="another rehearsal runs"):
            rehearsed(other[filled.name], backup)

    with connect(settings, task="rehearse") as client:
        assert rehearsed(client[filled.name], backup, begin_another) == []


def test_an_account_needs_no_more_than_both_databases(
    filled: Database[Document], settings: Settings, saved: Callable[[], bytes]
) -> None:
    backup, accounts = saved(), filled.client.admin
    own = settings.model_copy(update={"mongo_user": filled.name, "mongo_password": SecretStr("word")})
    roles = [{"role": role, "db": filled.name} for role in ("readWrite", "dbAdmin")]
    accounts.command("createUser", filled.name, pwd="word", roles=roles)
    try:
        with connect(own, task="rehearse") as client:
            with pytest.raises(BackupError, match="may not use the database"):
                rehearsed(client[filled.name], backup)
            more = [{**role, "db": trial_name(filled.name)} for role in roles]
            accounts.command("grantRolesToUser", filled.name, roles=more)
            assert rehearsed(client[filled.name], backup) == []
    finally:
        accounts.command("dropUser", filled.name)
    assert trial_name(filled.name) not in filled.client.list_database_names()


def test_a_name_that_mongodb_would_refuse_is_told(settings: Settings) -> None:
    with pytest.raises(BackupError, match="more than 63 characters"):
        trial_name("x" * 60)
    assert len(trial_name("x" * 53)) == 63
