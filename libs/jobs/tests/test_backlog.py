import threading

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.mongo import CollectionSpec, Document, apply_indexes
from common.owner import EVERYBODY, Owner
from jobs.backlog import CAPACITY, Backlog
from jobs.model import listing_indexes
from jobs.store import JobStore
from testing.servers import unused_ports
from testing.waiting import eventually

from .conftest import ClaimJob, Post


class Counting(JobStore):
    """A store that notes how often it was asked, and waits for leave to answer; the answers are real."""

    def __init__(self, collection: Collection[Document]) -> None:
        super().__init__(collection)
        self.asked = 0
        self.leave = threading.Event()
        self.leave.set()

    def pending(self, limit: int, owner: Owner = EVERYBODY) -> int:
        self.asked += 1
        assert self.leave.wait(10)
        return super().pending(limit, owner)


@pytest.fixture
def counting(database: Database[Document]) -> Counting:
    return Counting(database["things"])


def test_it_is_full_when_as_many_jobs_are_pending_as_are_allowed_and_not_before(
    counting: Counting, post: Post, claim: ClaimJob
) -> None:
    post("a")
    assert not Backlog(2).is_full(counting)
    post("b")
    backlog = Backlog(2)
    assert backlog.is_full(counting)
    claim("a")
    eventually(lambda: not backlog.is_full(counting), seconds=5)


def test_many_who_ask_within_a_second_cost_one_count(counting: Counting) -> None:
    backlog = Backlog(2)
    for _ in range(100):
        backlog.is_full(counting)
    assert counting.asked == 1


def test_nobody_waits_for_the_one_who_asks(counting: Counting, post: Post) -> None:
    post()
    backlog = Backlog(1)
    counting.leave.clear()
    slow = threading.Thread(target=backlog.is_full, args=[counting])
    slow.start()
    eventually(lambda: counting.asked == 1)
    assert not backlog.is_full(counting)
    counting.leave.set()
    slow.join()
    assert backlog.is_full(counting)


def test_without_a_limit_nobody_asks(counting: Counting, post: Post) -> None:
    post()
    assert not Backlog(0).is_full(counting)
    assert counting.asked == 0


def test_a_database_that_is_away_is_an_error_each_time_and_not_an_answer() -> None:
    with MongoClient[Document]("127.0.0.1", unused_ports(1)[0], serverSelectionTimeoutMS=100, connect=False) as client:
        backlog = Backlog(1)
        for _ in range(2):
            with pytest.raises(PyMongoError):
                backlog.is_full(JobStore(client["test_nothing"]["things"]))


def test_the_share_of_one_owner_is_full_and_that_of_another_is_not(
    counting: Counting, post: Post, database: Database[Document]
) -> None:
    for job_id, owner in (("a", "billing"), ("b", "billing"), ("c", "shop")):
        database["things"].update_one({"_id": post(job_id)}, {"$set": {"owner": owner}})
    share = Backlog(2)
    assert [share.is_full(counting, owner) for owner in ("billing", "shop", "other")] == [True, False, False]
    assert counting.asked == 3
    assert [share.is_full(counting, owner) for owner in ("billing", "shop", "other")] == [True, False, False]
    assert counting.asked == 3, "each answer is used for a second"


def test_the_answers_for_any_number_of_owners_take_a_bounded_place(counting: Counting) -> None:
    share = Backlog(1)
    for number in range(CAPACITY + 10):
        share.is_full(counting, str(number))
    asked = counting.asked
    share.is_full(counting, "0")
    share.is_full(counting, str(CAPACITY))
    assert counting.asked == asked + 1, "the oldest is forgotten, and a later one is not"


def test_an_owners_jobs_are_counted_in_the_index_alone_and_no_more_of_them_than_the_limit(
    database: Database[Document],
) -> None:
    jobs = [{"owner": "billing" if each % 2 else "shop", "job": {"state": "pending"}} for each in range(500)]
    database["things"].insert_many(jobs)
    apply_indexes(database, [CollectionSpec("things", listing_indexes())])
    store, profiled = JobStore(database["things"]), database["system.profile"]
    database.command("profile", 2)
    assert store.pending(20, "billing") == 20
    database.command("profile", 0)
    (entry,) = profiled.find({"op": "command", "command.aggregate": "things"})
    assert entry["docsExamined"] == 0
    assert entry["keysExamined"] <= 21
