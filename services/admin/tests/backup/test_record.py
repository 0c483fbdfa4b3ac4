"""The record of the last backup is no part of one, and no restore replaces it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database

from common import backup_record
from common.backup_record import BackupRecord
from common.mongo import Document

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
