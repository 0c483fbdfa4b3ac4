"""A worker hears again after its Valkey was away, also when it was too busy to notice that: then it does not listen."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from common.config import Settings
from common.queue.broker import address_of
from common.queue.clients import QueueClients
from jobs.heartbeat import waiting_file
from testing.plugins.queue import new_environ
from testing.servers import Servers
from testing.strong import strong
from testing.waiting import eventually

from .conftest import Ended, Post, Runs, Starter, StartWorker

pytestmark = pytest.mark.integration


@pytest.fixture
def own(pytestconfig: pytest.Config, tmp_path: Path) -> Iterator[Servers]:
    """A Valkey of the test's own, to be killed."""
    with Servers(tmp_path / "own") as started:
        started.up("redis")
        yield started


@pytest.fixture
def environ(servers: Servers, own: Servers) -> dict[str, str]:
    """The shared MongoDB, and the test's own broker."""
    broker = Settings.load({**own.environ, "BROKER": "redis"}, env_files=())
    return {**new_environ(servers, "redis"), "BROKER_URL": address_of(broker)}


def two_at_work(post: Post, runs: Runs) -> list[str]:
    """Post two jobs of 1.5 seconds; return them when both are worked on."""
    jobs = [post(1.5), post(1.5)]
    for job in jobs:
        eventually(partial(runs, job))
    return jobs


def test_a_worker_whose_acknowledgements_fail_does_not_stay_deaf(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    own: Servers,
) -> None:
    worker(WORKER_CONCURRENCY="2")
    jobs = two_at_work(post, runs)
    os.kill(own.pid("redis"), signal.SIGKILL)
    for job in jobs:
        assert ended(job)["effect"] == 1
    own.started.discard("redis")
    own.up("redis")
    assert ended(post())["effect"] == 1


def test_a_worker_whose_broker_has_no_memory_left_keeps_no_connections(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    own: Servers,
) -> None:
    worker(WORKER_CONCURRENCY="2")
    jobs = two_at_work(post, runs)
    # What waits in the list is fetched when a child is free; then the server refuses to keep a record of it.
    post()
    with Redis(
        port=int(own.environ["REDIS_PORT"]), username=own.environ["REDIS_USER"], password=own.environ["REDIS_PASSWORD"]
    ) as redis:
        before = len(redis.client_list())
        redis.config_set("maxmemory", 1)
        for job in jobs:
            ended(job)
        time.sleep(4)
        during = len(redis.client_list())
        redis.config_set("maxmemory", 0)
        assert ended(post())["effect"] == 1
        after = len(redis.client_list())
    # One that is being made, and one that is being closed; there were twelve more in each second.
    assert during <= before + 4, (before, during, after)
    assert after <= before + 4, (before, during, after)


def test_a_worker_that_cannot_acknowledge_what_it_has_fetched_does_not_stay_deaf(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    own: Servers,
    clients: QueueClients,
) -> None:
    worker(WORKER_CONCURRENCY="1")
    for _ in range(5):
        first = post()
        ended(first)
        child = runs(first)[0]["pid"]
        fetched = fetch_for(child, post, ended, clients)
        os.kill(own.pid("redis"), signal.SIGKILL)
        # Only now the message is acknowledged, for now its work begins.
        os.kill(child, signal.SIGCONT)
        is_done = is_done_without_broker(fetched, ended)
        own.started.discard("redis")
        own.up("redis")
        assert ended(post())["effect"] == 1
        if is_done:
            return
    raise AssertionError("The broker always ended before the child had its message.")


def is_done_without_broker(job: str, ended: Ended) -> bool:
    """Whether a child had the job's message when the broker ended.

    Otherwise the main process forgets the message, which it can no longer acknowledge, and the job waits for a sweep.
    """
    with suppress(AssertionError):
        return bool(ended(job, seconds=10)["effect"] == 1)
    return False


def fetch_for(child: int, post: Post, ended: Ended, clients: QueueClients) -> str:
    """Stop a child, and post a job that the main process fetches for it; return the job.

    A job's record says that it has ended before the main process hears that the child is free; until then it fetches
    nothing. Then the child does this job, and the next one is tried after a longer pause.
    """
    for attempt in range(10):
        time.sleep(attempt * 0.2)
        os.kill(child, signal.SIGSTOP)
        job = post()
        with suppress(AssertionError):
            eventually(lambda: clients.queue.waiting() == 0, seconds=2 + attempt)
            return job
        os.kill(child, signal.SIGCONT)
        ended(job)
    raise AssertionError("Nothing was fetched for a child that is stopped.")


def test_a_worker_in_production_takes_nothing_from_one_that_may_lose_it(
    start: Starter, post: Post, runs: Runs, own: Servers
) -> None:
    with Redis(
        port=int(own.environ["REDIS_PORT"]), username=own.environ["REDIS_USER"], password=own.environ["REDIS_PASSWORD"]
    ) as redis:
        redis.config_set("appendonly", "no")
    worker = start.worker(ready=False, ENVIRONMENT="production", SECRET_KEY=strong("key"))
    eventually(lambda: waiting_file(worker.heartbeat).exists())
    job = post(0)
    # The message has come by then, and nothing was begun.
    eventually(lambda: worker.text().count("Valkey has no append-only file") >= 2)
    assert (runs(job), worker.heartbeat.exists()) == ([], False)
