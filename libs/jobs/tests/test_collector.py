from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout

from common.mongo import Document
from jobs.collector import JobCollector
from testing.servers import unused_ports
from testing.waiting import soon

from .conftest import ClaimJob, Post


def samples(collector: JobCollector) -> dict[tuple[str, str | None, str | None], float]:
    return {
        (sample.name, sample.labels.get("name"), sample.labels.get("state")): sample.value
        for family in collector.collect()
        for sample in family.samples
    }


def test_open_jobs_are_told_by_name_and_state_with_noughts_where_there_is_none(
    database: Database[Document], post: Post, claim: ClaimJob
) -> None:
    for job_id in ("a", "b"):
        post(job_id)
    claim("b")
    found = samples(JobCollector(lambda: database, ["things"]))
    assert found["mongodb_up", None, None] == 1
    states = [found["jobs", "test.work", state] for state in ("pending", "running", "failed")]
    assert states == [1, 1, 0]
    assert 0 <= found["jobs_oldest_seconds", "test.work", "pending"] < 60
    assert found["jobs_oldest_seconds", "test.work", "failed"] == 0


def test_whoever_asks_within_a_second_gets_the_same_answer(database: Database[Document], post: Post) -> None:
    collector = JobCollector(lambda: database, ["things"])
    before = samples(collector)
    post()
    assert samples(collector) == before


def test_a_database_that_is_away_is_told_within_a_second() -> None:
    with MongoClient[Document]("127.0.0.1", unused_ports(1)[0], connect=False) as client:
        told = soon(lambda: samples(JobCollector(lambda: client["test_nothing"], ["things"])), seconds=2)
        assert told == {("mongodb_up", None, None): 0}


class Slow(JobCollector):
    """A collector for which counting takes too long from now on; all else is real."""

    is_slow = False

    def _count(self) -> None:
        if self.is_slow:
            raise ExecutionTimeout("operation exceeded time limit")
        super()._count()


def test_when_counting_is_slow_mongodb_is_up_and_the_jobs_are_told_as_they_were(
    database: Database[Document], post: Post
) -> None:
    collector = Slow(lambda: database, ["things"])
    collector.is_slow = True
    assert samples(collector) == {("mongodb_up", None, None): 1}
    post()
    collector.is_slow, collector._until = False, 0
    assert samples(collector)["jobs_stale", None, None] == 0
    post("b")
    collector.is_slow, collector._until = True, 0
    found = samples(collector)
    assert (found["mongodb_up", None, None], found["jobs_stale", None, None]) == (1, 1)
    assert found["jobs", "test.work", "pending"] == 1


def test_a_database_that_goes_away_leaves_what_it_told_last(post: Post, database: Database[Document]) -> None:
    post()
    port = unused_ports(1)[0]
    with MongoClient[Document]("127.0.0.1", port, connect=False) as client:
        answering = [database, client["test_nothing"]]
        collector = JobCollector(lambda: answering[0], ["things"])
        samples(collector)
        collector._until = 0
        del answering[0]
        found = samples(collector)
    assert (found["mongodb_up", None, None], found["jobs_stale", None, None]) == (0, 1)
    assert found["jobs", "test.work", "pending"] == 1
