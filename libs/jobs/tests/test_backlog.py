import threading

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.mongo import Document
from jobs.backlog import Backlog
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

    def pending(self, limit: int) -> int:
        self.asked += 1
        assert self.leave.wait(10)
        return super().pending(limit)


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
