"""A worker that does not work says so, and takes it back; one that is busy has nothing to say."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from pymongo.database import Database

from common.mongo import Document
from common.queue.clients import QueueClients
from jobs.heartbeat import processes, waiting_file
from testing.brokers import FIRST, ON_EACH
from testing.plugins.queue import new_environ
from testing.servers import Servers
from testing.waiting import eventually

from .conftest import Ended, Post, Runs, StartWorker

pytestmark = pytest.mark.integration

# Seconds of trouble that make it unhealthy here.
PATIENCE = "3"

Trouble: TypeAlias = Callable[[], list[str]]


@pytest.fixture
def trouble(database: Database[Document]) -> Trouble:
    """What the only worker says of itself."""
    return lambda: [process.unhealthy for process in processes(database)]


def stands_still(path: Path) -> bool:
    """Whether a heartbeat file is left alone for two seconds."""
    before = path.stat().st_mtime_ns
    try:
        eventually(lambda: path.stat().st_mtime_ns != before, seconds=2)
    except AssertionError:
        return True
    return False


@ON_EACH
def test_a_worker_whose_consumer_hangs_is_unhealthy_until_it_goes_on(
    worker: StartWorker, post: Post, ended: Ended, trouble: Trouble, tmp_path: Path
) -> None:
    hold = tmp_path / "hold"
    part = worker(HEALTH_PATIENCE=PATIENCE, HOLD=str(hold))
    hold.touch()
    jobs = [post(patience=600) for _ in range(5)]
    eventually(lambda: "".join(trouble()).startswith("takes no messages, though "))
    assert stands_still(part.heartbeat)
    assert not waiting_file(part.heartbeat).exists()
    hold.unlink()
    for job in jobs:
        ended(job)
    eventually(lambda: trouble() == [""])
    assert not stands_still(part.heartbeat)
    assert part.process.poll() is None


@ON_EACH
def test_a_worker_that_is_busy_is_healthy_though_messages_wait(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    trouble: Trouble,
    clients: QueueClients,
) -> None:
    part = worker(HEALTH_PATIENCE="1", WORKER_CONCURRENCY="1")
    long = post(9)
    eventually(lambda: runs(long))
    waiting = [post(patience=600) for _ in range(3)]
    while not ended_now(runs, waiting):
        assert trouble() == [""]
        time.sleep(0.05)
    assert "unhealthy" not in part.text()
    assert ended(long)["effect"] == 1


def ended_now(runs: Runs, jobs: Sequence[str]) -> bool:
    """Whether the first of them has begun."""
    return any(runs(job) for job in jobs)


class TestWithoutMongoDB:
    """A MongoDB of the test's own, to be frozen."""

    @pytest.fixture
    def own(self, pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Servers]:
        """That MongoDB."""
        with Servers(tmp_path / "own") as started:
            started.up("mongo")
            yield started

    @pytest.fixture
    def environ(self, servers: Servers, own: Servers) -> dict[str, str]:
        """The shared broker, and the test's own MongoDB."""
        mine = {name: value for name, value in own.environ.items() if name.startswith("MONGO_")}
        return {**new_environ(servers, FIRST), **mine}

    def test_a_worker_whose_sweeps_fail_is_unhealthy_but_a_new_start_would_not_help(
        self, worker: StartWorker, own: Servers, trouble: Trouble, ended: Ended, post: Post
    ) -> None:
        part = worker(HEALTH_PATIENCE=PATIENCE, MONGO_TIMEOUT="0.5")
        own.down("mongo")
        eventually(lambda: "sweeps fail" in part.text(), seconds=40)
        assert stands_still(part.heartbeat)
        eventually(lambda: not stands_still(waiting_file(part.heartbeat)))
        own.up("mongo")
        eventually(lambda: trouble() == [""])
        assert not stands_still(part.heartbeat)
        assert ended(post())["effect"] == 1
        part.signal(signal.SIGTERM)
        assert part.wait() == 0
