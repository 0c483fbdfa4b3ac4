"""After a restore the database is what was saved; after one that fails it is what it was."""

import io
import os
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import bson
import pymongo
import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from admin.backup.archive import BackupError, Collection, Header, Reader, Writer
from admin.backup.restore import load, obstacles, swap
from admin.backup.save import RESTORING
from common.config import Settings
from common.mongo import Document, connect

from .conftest import ignore

ALL_TYPES = {
    "double": 1.5,
    "not a number": float("nan"),
    "string": "text \x00 \U0001f600",
    "object": {"": {}, "a.b": 1, "$c": 2},
    "array": [1, [2, []]],
    "binary": [Binary(b"\x00\xff", subtype) for subtype in (0, 3, 4, 5, 128)],
    "id": ObjectId(),
    "boolean": [True, False],
    "date": [datetime.now(UTC), datetime(1, 1, 1, tzinfo=UTC)],
    "null": None,
    "regex": Regex("a.*", "im"),
    "reference": DBRef("a", 1),
    "code": [Code("f()"), Code("f()", {"x": 1})],
    "int32": -1,
    "int64": Int64(1),
    "decimal": Decimal128(Decimal("1.10")),
    "timestamp": Timestamp(1, 2),
    "bounds": [MinKey(), MaxKey()],
}


@pytest.mark.integration
def test_a_hundred_thousand_documents_come_back_byte_for_byte(
    database: Database[Document],
    saved: Callable[[], bytes],
    restore: Callable[[bytes], None],
    content: Callable[[], Any],
) -> None:
    numbers = random.Random(7)  # noqa: S311 - the same documents in each run
    for start in range(0, 100_000, 2_000):
        documents = [{"_id": n, "noise": numbers.randbytes(20)} for n in range(start, start + 2_000)]
        database["many"].insert_many(documents)
    # A command has no limit, but the connection of the tests is that of a service.
    with pymongo.timeout(120):
        before, backup = content(), saved()
        database["many"].delete_many({"_id": {"$lt": 70_000}})
        database["many"].update_many({}, {"$set": {"noise": None}})
        restore(backup)
        assert content() == before


def test_every_type_and_every_kind_of_index_comes_back(
    database: Database[Document],
    saved: Callable[[], bytes],
    restore: Callable[[bytes], None],
    content: Callable[[], Any],
) -> None:
    database["types"].insert_many([ALL_TYPES, {"_id": {"a": 1}}, {"_id": None}])
    database["with.dots and spaces"].create_indexes(
        [
            IndexModel([("a", 1), ("b", -1)], unique=True, partialFilterExpression={"a": {"$gt": Int64(5)}}),
            IndexModel("expires", expireAfterSeconds=3600),
            IndexModel([("text", "text")], weights={"text": 3}, default_language="german"),
            IndexModel([("place", "2dsphere")]),
            IndexModel([("hash", "hashed")]),
            IndexModel([("any.$**", 1)]),
            IndexModel("hidden", hidden=True, sparse=True, collation={"locale": "de", "strength": 2}),
        ]
    )
    database.create_collection("collated", collation={"locale": "de", "strength": 1})
    database["collated"].create_indexes([IndexModel("own", collation={"locale": "simple"}), IndexModel("inherited")])
    database.create_collection("empty")
    before, backup = content(), saved()
    database.client.drop_database(database.name)
    restore(backup)
    assert content() == before


def test_a_validator_comes_back_and_spares_what_is_older_than_it(
    database: Database[Document],
    saved: Callable[[], bytes],
    restore: Callable[[bytes], None],
    content: Callable[[], Any],
) -> None:
    database["checked"].insert_one({"_id": "old"})
    database.command("collMod", "checked", validator={"name": {"$type": "string"}}, validationLevel="strict")
    before = content()
    restore(saved())
    assert content() == before
    with pytest.raises(OperationFailure, match="validation"):
        database["checked"].insert_one({"_id": "new"})


@pytest.mark.integration
def test_documents_of_the_greatest_size_come_back(
    database: Database[Document],
    saved: Callable[[], bytes],
    restore: Callable[[bytes], None],
    content: Callable[[], Any],
) -> None:
    room = 16 * 1024 * 1024 - len(bson.encode({"_id": 1, "noise": b""}))
    # One by one: MongoDB's small cache here does not hold all of them as one write.
    # Without the short time limit of the product, for sixteen megabytes take long on a busy machine.
    with pymongo.timeout(60):
        for number in range(3):
            database["huge"].insert_one({"_id": number, "noise": os.urandom(room)})
        before = content()
        restore(saved())
        assert content() == before


def test_an_empty_database_comes_back(
    database: Database[Document], saved: Callable[[], bytes], restore: Callable[[bytes], None]
) -> None:
    backup = saved()
    database["later"].insert_one({})
    restore(backup)
    assert database.list_collection_names() == []


def test_what_is_not_in_the_backup_is_gone(
    database: Database[Document],
    saved: Callable[[], bytes],
    restore: Callable[[bytes], None],
    content: Callable[[], Any],
) -> None:
    database["a"].insert_one({"_id": 1})
    before, backup = content(), saved()
    database["a"].create_index("later")
    database["b"].insert_one({})
    restore(backup)
    assert content() == before


@pytest.fixture
def filled(database: Database[Document]) -> Database[Document]:
    """A database with data of its own."""
    database["a"].insert_many([{"_id": n} for n in range(1000)])
    database["a"].create_index("n", unique=True, partialFilterExpression={"n": {"$exists": True}})
    return database


def breaking_off(error: type[BaseException]) -> Callable[[int, int], None]:
    def progress(_documents: int, _bytes: int) -> None:
        raise error

    return progress


@pytest.mark.parametrize("error", [KeyboardInterrupt, PyMongoError, OSError])
def test_a_restore_that_breaks_off_changes_nothing_and_leaves_nothing(
    filled: Database[Document],
    saved: Callable[[], bytes],
    content: Callable[[], Any],
    error: type[BaseException],
) -> None:
    backup = saved()
    filled["a"].update_many({}, {"$set": {"later": True}})
    before = content()
    with pytest.raises(error):
        load(filled, Reader(io.BytesIO(backup)), breaking_off(error))
    assert content() == before


def test_a_backup_that_is_damaged_at_its_end_changes_nothing(
    filled: Database[Document], saved: Callable[[], bytes], content: Callable[[], Any]
) -> None:
    backup = bytearray(saved())
    backup[-20] ^= 0xFF
    before = content()
    with pytest.raises(BackupError):
        load(filled, Reader(io.BytesIO(bytes(backup))), ignore)
    assert content() == before


def test_documents_that_break_a_unique_index_change_nothing(
    filled: Database[Document], settings: Settings, content: Callable[[], Any]
) -> None:
    """Such a backup cannot be made; it was changed by hand."""
    indexes = [{"v": 2, "key": {"n": 1}, "name": "n_1", "unique": True}]
    collections = [Collection(name="a", options={}, indexes=indexes)]
    stream = io.BytesIO()
    made = {"project": "p", "database": "d", "version": "1", "created": datetime.now(UTC)}
    writer = Writer(stream, Header(collections=collections, **made))
    writer.add("a", bson.encode({"_id": 1, "n": 1}) + bson.encode({"_id": 2, "n": 1}))
    writer.finish()
    stream.seek(0)
    before = content()
    with pytest.raises(PyMongoError):
        load(filled, Reader(stream), ignore)
    assert content() == before


def test_what_a_killed_restore_has_left_is_removed_and_never_saved(
    filled: Database[Document], saved: Callable[[], bytes], restore: Callable[[bytes], None], content: Callable[[], Any]
) -> None:
    before = content()
    filled[f"{RESTORING}a"].insert_one({"_id": "left"})
    filled[f"{RESTORING}gone"].insert_one({"_id": "left"})
    restore(saved())
    assert content() == before


def test_another_restore_at_the_same_time_is_noticed(
    filled: Database[Document], saved: Callable[[], bytes], content: Callable[[], Any]
) -> None:
    backup = saved()
    before = content()

    def disturb(_documents: int, _bytes: int) -> None:
        filled.drop_collection(f"{RESTORING}a")

    with pytest.raises(BackupError, match="another restore"):
        load(filled, Reader(io.BytesIO(backup)), disturb)
    assert content() == before


def test_a_swap_that_breaks_off_says_so_and_is_mended_by_repeating(
    filled: Database[Document], saved: Callable[[], bytes], restore: Callable[[bytes], None], content: Callable[[], Any]
) -> None:
    filled["b"].insert_one({"_id": 1})
    before, backup = content(), saved()
    reader = Reader(io.BytesIO(backup))
    load(filled, reader, ignore)
    filled.drop_collection(f"{RESTORING}b")
    with pytest.raises(BackupError, match="repeat it"):
        swap(filled, reader.header)
    restore(backup)
    assert content() == before


def test_an_empty_database_that_the_product_does_not_use_has_no_obstacles(
    database: Database[Document], settings: Settings, saved: Callable[[], bytes]
) -> None:
    header = Reader(io.BytesIO(saved())).header.model_copy(update={"project": "lonely"})
    lonely = settings.model_copy(update={"project": "lonely"})
    with connect(lonely, task="restore") as client:
        assert obstacles(client[database.name], lonely, header) == []


def test_who_uses_the_database_what_is_in_it_and_a_backup_of_another_one_are_told(
    filled: Database[Document], settings: Settings, saved: Callable[[], bytes]
) -> None:
    header = Reader(io.BytesIO(saved())).header.model_copy(update={"database": "another"})
    with connect(settings, task="backup") as at_work, connect(settings, task="restore") as client:
        found = obstacles(client[filled.name], settings, header)
        assert [bool(re.search(word, line)) for word, line in zip(("runs", "not empty", "another"), found, strict=True)]
        at_work.admin.command("ping")
        more = obstacles(client[filled.name], settings, header)
        assert more[0] != found[0]
