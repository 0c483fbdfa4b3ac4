"""Messages that come many times, in another order, late, or for nothing: real workers on each of the real brokers."""

from collections.abc import Callable

import pytest
from pymongo.database import Database

from common.mongo import Document
from common.queue.clients import QueueClients
from testing.brokers import ON_EACH
from testing.waiting import eventually

from .conftest import Cancel, Ended, Post, Runs, Send, StartWorker

pytestmark = [pytest.mark.integration, ON_EACH]


@pytest.fixture
def heard(clients: QueueClients, post: Post, ended: Ended) -> Callable[[], None]:
    """Waits until the workers have dealt with every message that was sent before."""

    def wait() -> None:
        # As many as all children together could hold, and more.
        for job in [post() for _ in range(10)]:
            ended(job)
        eventually(lambda: clients.queue.waiting() == 0)

    return wait


def test_a_job_that_two_workers_hear_of_twenty_times_is_done_once(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    send: Send,
    heard: Callable[[], None],
) -> None:
    worker("worker1")
    worker("worker2")
    job = post(1)
    for _ in range(20):
        send(id=job)
    document = ended(job)
    heard()
    assert (document["job"]["state"], document["effect"], len(runs(job))) == ("done", 1, 1)


def test_jobs_notified_of_in_reverse_order_and_again_are_each_done_once(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    send: Send,
    heard: Callable[[], None],
) -> None:
    jobs = [post(0.1) for _ in range(8)]
    for job in [*reversed(jobs), *jobs]:
        send(id=job)
    worker()
    assert [ended(job)["effect"] for job in jobs] == [1] * len(jobs)
    heard()
    assert [len(runs(job)) for job in jobs] == [1] * len(jobs)


def test_messages_for_what_has_ended_or_never_was_change_nothing(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    cancel: Cancel,
    send: Send,
    heard: Callable[[], None],
    database: Database[Document],
) -> None:
    worker()
    cancelled = post(60)
    cancel(cancelled)
    jobs = [post(), post(then="refuse"), cancelled]
    before = [ended(job) for job in jobs]
    assert [document["job"]["state"] for document in before] == ["done", "failed", "cancelled"]
    heard()
    attempts = [len(runs(job)) for job in jobs]
    for job in [*jobs, "never"] * 3:
        send(id=job)
    heard()
    assert [ended(job) for job in jobs] == before
    assert [len(runs(job)) for job in jobs] == attempts
    assert database["slow"].find_one({"_id": "never"}) is None
