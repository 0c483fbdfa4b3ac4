from datetime import UTC, datetime

from pymongo import MongoClient
from pymongo.database import Database

from common import backup_record
from common.backup_record import BackupRecord
from common.mongo import Document
from common.mongo_collector import MongoCollector
from testing.servers import unused_ports
from testing.waiting import soon


def samples(collector: MongoCollector) -> dict[str, float]:
    return {sample.name: sample.value for family in collector.collect() for sample in family.samples}


def test_a_database_that_answers_is_told(database: Database[Document]) -> None:
    assert samples(MongoCollector(lambda: database)) == {"mongodb_up": 1}


def test_the_last_backup_is_told_once_there_is_one(database: Database[Document]) -> None:
    completed = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    backup_record.write(database, BackupRecord(completed, size=1234, documents=56))
    assert samples(MongoCollector(lambda: database)) == {
        "mongodb_up": 1,
        "backup_completed_timestamp_seconds": completed.timestamp(),
        "backup_size_bytes": 1234,
        "backup_documents": 56,
    }


def test_a_database_that_is_away_is_told_within_a_second() -> None:
    with MongoClient[Document]("127.0.0.1", unused_ports(1)[0], connect=False) as client:
        told = soon(lambda: samples(MongoCollector(lambda: client["test_nothing"])), seconds=2)
        assert told == {"mongodb_up": 0}
