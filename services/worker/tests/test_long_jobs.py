"""Jobs that take longer than the broker lets a message be held; the limits of the brokers are short here."""

import signal
import sys
import time
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

from testing.brokers import ON_EACH
from testing.servers import Servers
from testing.waiting import eventually

from .conftest import Ended, Post, Runs, StartWorker

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="how a node is reached is read from /proc"),
]

# Seconds that a message may be held, and those that the long jobs take.
LIMIT, LONG = 2, 14


@pytest.fixture
def environ(servers: Servers, broker: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The shared MongoDB, and a broker that lets no message be held for long."""
    kind = import_module(f".brokers.{broker}", __package__)
    with kind.short_hold(servers, tmp_path, LIMIT) as environ:
        yield environ


@ON_EACH
def test_what_waits_behind_long_jobs_is_done_at_once_by_another_worker_and_nothing_dies(
    worker: StartWorker, post: Post, ended: Ended, runs: Runs
) -> None:
    first = worker("worker1", WORKER_CONCURRENCY="2")
    long = [post(LONG, patience=600) for _ in range(2)]
    for job in long:
        eventually(partial(runs, job))
    # Nobody is there for these: they wait in the broker, longer than a message may be held.
    waiting = [post(patience=600) for _ in range(6)]
    assert not any(runs(job) for job in waiting)
    time.sleep(2 * LIMIT)
    second = worker("worker2", WORKER_CONCURRENCY="2")
    for job in waiting:
        assert ended(job, seconds=5)["effect"] == 1
    # An idle worker beside a busy one: nothing that comes now waits behind the long jobs.
    for job in [post(patience=600) for _ in range(6)]:
        assert ended(job, seconds=5)["effect"] == 1
    assert not any(job["job"]["state"] != "done" for job in map(ended, long))
    assert [len(runs(job)) for job in long] == [1, 1]
    second.signal(signal.SIGTERM)
    second.wait()
    # The first one listens as before, in the same process.
    assert ended(post(patience=600), seconds=5)["effect"] == 1
    assert first.process.poll() is None
    assert "PRECONDITION_FAILED" not in first.text()
