"""MongoDB's log says how often a job ended, on a real server."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from devkit.chaos.oplog import JobHistory, job_histories, position
from jobs.model import JobKind, new_job
from jobs.store import JobStore

KIND = JobKind("test.work", "things")


@pytest.fixture
def log(database: Database[dict[str, Any]]) -> Callable[[], JobHistory]:
    """Return the history of document `a` since the test began."""
    since = position(database.client)
    return lambda: job_histories(database.client, f"{database.name}.things", since).get("a", JobHistory())


@pytest.fixture
def store(database: Database[dict[str, Any]]) -> JobStore:
    database["things"].insert_one({"_id": "a", "job": new_job(KIND, request_id="test")})
    return JobStore(database["things"])


def test_each_claim_and_the_end_are_in_the_log(log: Callable[[], JobHistory], store: JobStore) -> None:
    first = store.claim("a", name=KIND.name, owner="worker1@test")
    assert first is not None
    store.retry(first, "not this time", backoff=0)
    second = store.claim("a", name=KIND.name, owner="worker2@test")
    assert second is not None
    assert store.finish(second, {"effect": 1})
    assert not store.finish(first, {"effect": 2})
    assert [owner for _, owner in log().claims] == ["worker1@test", "worker2@test"]
    assert [state for _, state in log().ends] == ["done"]


def test_a_second_finish_shows_although_it_leaves_the_same_state(
    log: Callable[[], JobHistory], store: JobStore, database: Database[dict[str, Any]]
) -> None:
    claim = store.claim("a", name=KIND.name, owner="worker1@test")
    assert claim is not None
    store.finish(claim, {"effect": 1})
    unfenced = [{"$set": {"job.state": "done", "effect": 1, "job.finished_at": "$$NOW"}}]
    database["things"].update_one({"_id": "a"}, unfenced)
    assert len(log().ends) == 2
