"""A backup holds the database as it was at one moment, or there is none."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo.database import Database

from admin.backup.archive import BackupError, Reader
from admin.backup.restore import load, obstacles, swap
from admin.backup.save import save
from common.config import Settings
from common.mongo import Document, connect
from testing.servers import Servers
from testing.waiting import eventually

from .conftest import ignore


def read(stream: io.BytesIO) -> dict[str, list[int]]:
    """The ids of the documents of each collection."""
    found: dict[str, list[int]] = {}
    stream.seek(0)
    for name, documents in Reader(stream).batches():
        found.setdefault(name, []).extend(document["_id"] for document in documents)
    return found


@pytest.fixture
def three(database: Database[Document]) -> Database[Document]:
    for name in ("a", "b", "c"):
        database[name].insert_many([{"_id": number, "n": 0} for number in range(300)])
    return database


def test_what_is_written_meanwhile_is_not_in_it(three: Database[Document], settings: Settings) -> None:
    def disturb(_documents: int, _bytes: int) -> None:
        for name in ("a", "b", "c"):
            three[name].insert_one({})
            three[name].delete_many({"_id": {"$lt": 100}})
            three[name].update_many({}, {"$inc": {"n": 1}})

    stream = io.BytesIO()
    assert save(three, settings, stream, disturb) == {"a": 300, "b": 300, "c": 300}
    assert read(stream) == {name: list(range(300)) for name in ("a", "b", "c")}


def test_a_collection_that_is_made_meanwhile_is_not_left_out_in_silence(
    three: Database[Document], settings: Settings
) -> None:
    def disturb(_documents: int, _bytes: int) -> None:
        three["d"].insert_one({})

    with pytest.raises(BackupError, match="changed meanwhile"):
        save(three, settings, io.BytesIO(), disturb)


def test_an_index_that_is_made_meanwhile_is_noticed(three: Database[Document], settings: Settings) -> None:
    def disturb(_documents: int, _bytes: int) -> None:
        three["c"].create_index("n")

    with pytest.raises(BackupError, match="changed meanwhile"):
        save(three, settings, io.BytesIO(), disturb)


class TestOfAnotherMemory:
    """A MongoDB of the test's own, for its memory is one of the whole server."""

    @pytest.fixture
    def environ(self, tmp_path: Path) -> Iterator[dict[str, str]]:
        """Provide the settings of that MongoDB."""
        with Servers(tmp_path / "own") as own:
            own.up("mongo")
            yield {**own.environ, "ENVIRONMENT": "test", "MONGO_DATABASE": "test_forgetful"}

    def test_a_moment_that_mongodb_has_forgotten_is_told_with_the_setting_that_mends_it(
        self, three: Database[Document], settings: Settings
    ) -> None:

        def disturb(_documents: int, _bytes: int) -> None:
            three["a"].insert_one({})

        def forgotten() -> str:
            try:
                save(three, settings, io.BytesIO(), disturb)
            except BackupError as error:
                return str(error)
            return ""

        three.client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=0)
        assert "minSnapshotHistoryWindowInSeconds" in eventually(forgotten)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("capped", {"capped": True, "size": 4096}),
        ("a view", {"viewOn": "a", "pipeline": []}),
        ("a timeseries", {"timeseries": {"timeField": "t"}}),
    ],
)
def test_a_kind_of_collection_that_cannot_be_saved_is_named_and_not_left_out(
    three: Database[Document], settings: Settings, kind: str, options: Any
) -> None:
    three.create_collection("odd", **options)
    with pytest.raises(BackupError, match=f"odd is {kind}"):
        save(three, settings, io.BytesIO(), ignore)


def test_the_header_tells_where_it_comes_from(
    three: Database[Document], saved: Callable[[], bytes], settings: Settings
) -> None:
    header = Reader(io.BytesIO(saved())).header
    assert (header.project, header.database) == (settings.project, settings.mongo_database)
    assert [collection.name for collection in header.collections] == ["a", "b", "c"]


def test_an_account_of_one_database_saves_restores_and_sees_who_is_connected(
    three: Database[Document], settings: Settings, saved: Callable[[], bytes]
) -> None:
    """Production's account may read and write its own database, and nothing else."""
    roles = [{"role": "readWrite", "db": three.name}]
    three.client.admin.command("createUser", three.name, pwd="word", roles=roles)
    own = settings.model_copy(update={"mongo_user": three.name, "mongo_password": SecretStr("word")})
    header = Reader(io.BytesIO(saved())).header
    try:
        with connect(own) as product, connect(own, task="restore") as client:
            database = client[three.name]
            assert save(database, own, io.BytesIO(), ignore) == {"a": 300, "b": 300, "c": 300}
            assert not any("runs on it" in line for line in obstacles(database, own, header))
            product.admin.command("ping")
            assert any("runs on it" in line for line in obstacles(database, own, header))
            reader = Reader(io.BytesIO(saved()))
            load(database, reader, ignore)
            swap(database, reader.header)
    finally:
        three.client.admin.command("dropUser", three.name)
