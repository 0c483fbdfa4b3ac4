"""A child that heard of waiting work takes more of it by itself; no sweeper notifies, and there are no messages."""

import os
import signal
import time
from typing import Protocol

import pytest

from common.queue.clients import QueueClients
from common.queue.skipping import ENOUGH
from testing.brokers import ON_EACH
from testing.waiting import eventually
from worker.drain import QUIET

from .conftest import Ended, Post, Runs, Send, StartWorker

pytestmark = pytest.mark.integration

# Seconds; no sweeper looks at a job so soon, and no job is given back because its lease ran out.
LATER = 600


class PostSilently(Protocol):
    """What the fixture `silent` is."""

    def __call__(self, *seconds: float, then: str = "") -> str: ...


@pytest.fixture
def silent(post: Post) -> PostSilently:
    """Accepts a job that nobody is told of."""

    def post_silently(*seconds: float, then: str = "") -> str:
        return post(*seconds, then=then, is_notified=False, patience=LATER)

    return post_silently


@ON_EACH
def test_one_message_is_enough_for_all_that_waits(
    worker: StartWorker,
    silent: PostSilently,
    send: Send,
    ended: Ended,
    runs: Runs,
) -> None:
    part = worker(WORKER_CONCURRENCY="1")
    # Longer together than a message may be worked on, so the last of them are told of once more.
    jobs = [silent(0.3) for _ in range(8)]
    send(id="nothing")
    for job in jobs:
        assert ended(job)["effect"] == 1
        assert f"[request-{job} {job}] slow.work begins, attempt 1." in part.text()
    assert [len(runs(job)) for job in jobs] == [1] * len(jobs)


@ON_EACH
def test_jobs_whose_messages_were_left_out_are_done_all_the_same(
    worker: StartWorker, clients: QueueClients, post: Post, ended: Ended
) -> None:
    jobs = [post(0, patience=LATER) for _ in range(5 * ENOUGH)]
    clients.publisher.close()
    assert clients.queue.waiting() < 2 * ENOUGH
    worker()
    assert [ended(job)["effect"] for job in jobs] == [1] * len(jobs)


def test_what_a_child_took_by_itself_is_given_back_when_it_dies(
    worker: StartWorker,
    silent: PostSilently,
    send: Send,
    ended: Ended,
    runs: Runs,
) -> None:
    worker(JOB_LEASE="600", WORKER_CONCURRENCY="1")
    job = silent(60, 0)
    send(id="nothing")
    os.kill(eventually(lambda: runs(job))[0]["pid"], signal.SIGKILL)
    assert ended(job)["effect"] == 2


def test_a_job_loses_no_time_by_those_before_it_and_gets_no_more(
    worker: StartWorker,
    silent: PostSilently,
    send: Send,
    ended: Ended,
    runs: Runs,
) -> None:
    worker(TASK_TIME_LIMIT="2", WORKER_CONCURRENCY="1", JOB_LEASE="600")
    jobs = [silent(0.9), silent(1.8)]
    send(id="nothing")
    for job in jobs:
        assert (ended(job)["effect"], len(runs(job))) == (1, 1)
    late = [silent(0.9), silent(60, 0)]
    # The child has just found nothing, and does not ask again at once.
    time.sleep(2 * QUIET)
    send(id="nothing")
    assert [ended(job)["effect"] for job in late] == [1, 2]
    assert ended(late[1])["job"]["error"] is None


def test_a_job_that_does_not_stop_at_its_limit_is_killed_and_given_back(
    worker: StartWorker,
    silent: PostSilently,
    send: Send,
    ended: Ended,
    runs: Runs,
) -> None:
    worker(TASK_TIME_LIMIT="1", WORKER_CONCURRENCY="1", JOB_LEASE="600")
    jobs = [silent(0.1), silent(60, 0, then="deaf")]
    send(id="nothing")
    assert ended(jobs[1], seconds=40)["effect"] == 2
    assert len({run["pid"] for run in runs(jobs[1])}) == 2
