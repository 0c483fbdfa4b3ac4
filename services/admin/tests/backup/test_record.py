"""The record of the last backup is no part of one, and no restore replaces it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import bson
from pymongo.database import Database

from admin.backup.archive import Collection, Header, Reader, Writer
from admin.backup.rehearse import rehearse
from common import backup_record
from common.backup_record import BackupRecord
from common.mongo import Document

from .conftest import ignore

FIRST, SECOND = (BackupRecord(datetime(2026, 1, day, tzinfo=UTC), size=day, documents=day) for day in (1, 2))


def test_it_is_the_last_one(database: Database[Document]) -> None:
    assert backup_record.read(database) is None
    for record in (FIRST, SECOND):
        backup_record.write(database, record)
        assert backup_record.read(database) == record


def test_a_restore_leaves_it_as_it_is(
    database: Database[Document], saved: Callable[[], bytes], restore: Callable[[bytes], None]
) -> None:
    database["a"].insert_one({"_id": 1})
    backup_record.write(database, FIRST)
    backup = saved()
    backup_record.write(database, SECOND)
    restore(backup)
    assert backup_record.read(database) == SECOND


def test_it_is_not_in_a_backup(
    database: Database[Document], saved: Callable[[], bytes], restore: Callable[[bytes], None]
) -> None:
    backup_record.write(database, FIRST)
    backup: Any = saved()
    database.client.drop_database(database.name)
    restore(backup)
    assert backup_record.read(database) is None


def test_one_that_a_former_version_has_saved_is_left_out(
    database: Database[Document], restore: Callable[[bytes], None]
) -> None:
    """Such a version knows nothing of the record; it may have run after a newer one, as after a rollback."""
    stream = io.BytesIO()
    collections = [Collection(name=name, options={}, indexes=[]) for name in ("a", backup_record.COLLECTION)]
    made = {"project": "p", "database": "d", "version": "1", "created": datetime.now(UTC)}
    writer = Writer(stream, Header(collections=collections, **made))
    writer.add("a", bson.encode({"_id": 1}))
    writer.add(backup_record.COLLECTION, bson.encode({"_id": "last", **vars(FIRST)}))
    writer.finish()
    backup_record.write(database, SECOND)
    restore(stream.getvalue())
    assert backup_record.read(database) == SECOND
    assert database["a"].count_documents({}) == 1
    assert rehearse(database, Reader(io.BytesIO(stream.getvalue())), ignore) == []
