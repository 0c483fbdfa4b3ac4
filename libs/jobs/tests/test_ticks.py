import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from common.mongo import Document, apply_indexes
from jobs.store import JobStore
from jobs.ticks import COLLECTION, INDEXES, Schedule, Ticker, tick

HOURLY = Schedule(tick("test.tick", every=lambda _: 1), 3600)
NOON = 1_700_000_000 // 3600 * 3600


@pytest.fixture
def ticks(database: Database[Document]) -> Collection[Document]:
    apply_indexes(database, [INDEXES])
    return database[COLLECTION]


def test_a_tick_is_a_job_that_bears_its_schedule_and_time(
    database: Database[Document], ticks: Collection[Document]
) -> None:
    assert Ticker(database, [HOURLY]).tick(NOON + 600) == 3000
    (document,) = ticks.find()
    assert document["_id"] == "test.tick@2023-11-14T22:00:00Z"
    assert (document["job"]["name"], document["job"]["state"]) == ("test.tick", "pending")


def test_two_schedulers_and_a_restarted_one_insert_each_tick_once(
    database: Database[Document], ticks: Collection[Document]
) -> None:
    first, second = Ticker(database, [HOURLY]), Ticker(database, [HOURLY])
    for now in (NOON, NOON + 10, NOON + 3599, NOON + 3600, NOON + 3601):
        first.tick(now)
        second.tick(now)
    Ticker(database, [HOURLY]).tick(NOON + 3700)
    assert ticks.count_documents({}) == 2


def test_a_tick_is_notified_at_once(database: Database[Document], ticks: Collection[Document]) -> None:
    Ticker(database, [HOURLY]).tick(NOON)
    assert [job.name for job in JobStore(ticks).due(2)] == ["test.tick"]


def test_every_schedule_ticks_in_its_own_time(database: Database[Document], ticks: Collection[Document]) -> None:
    ticker = Ticker(database, [HOURLY, Schedule(tick("test.often", every=lambda _: 1), 60)])
    assert ticker.tick(NOON + 30) == 30
    ticker.tick(NOON + 60)
    assert ticks.count_documents({"job.name": "test.often"}) == 2
    assert ticks.count_documents({"job.name": "test.tick"}) == 1


def test_without_schedules_there_is_nothing_to_do(database: Database[Document]) -> None:
    assert Ticker(database, []).tick(NOON) > 0
    assert database[COLLECTION].count_documents({}) == 0


def test_the_depth_of_the_queue_is_counted_without_reading_a_job(
    database: Database[Document], ticks: Collection[Document]
) -> None:
    for number in range(3):
        Ticker(database, [Schedule(tick(f"test.tick{number}", every=lambda _: 1), 3600)]).tick(NOON)
    store = JobStore(ticks)
    store.claim("test.tick0@2023-11-14T22:00:00Z", name="test.tick0", owner="worker1")
    assert store.depth(100) == {"pending": 2, "running": 1, "failed": 0}
    counting = [{"$match": {"job.state": "pending"}}, {"$group": {"_id": 1, "n": {"$sum": 1}}}]
    asked = {"aggregate": COLLECTION, "pipeline": counting, "cursor": {}}
    plan = database.command({"explain": asked, "verbosity": "executionStats"})
    assert "'totalDocsExamined': 0" in str(plan)
