"""Jobs that take longer than the broker lets a message be held; the limits of both brokers are short here."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from common.config import Settings
from testing.fixtures import new_environ
from testing.servers import Servers
from testing.waiting import eventually

from .conftest import Ended, Post, Runs, StartWorker

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="how RabbitMQ's node is reached is read from /proc"),
]

CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
# Seconds that a message may be held, and those that the long jobs take.
LIMIT, LONG = 2, 14
# Milliseconds; the node looks for messages that are held too long at each tick.
LIMITS = {"consumer_timeout": 1000 * LIMIT, "channel_tick_interval": 500}


@pytest.fixture
def environ(servers: Servers, broker: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The shared MongoDB; a RabbitMQ of the test's own with a short limit, or the shared Valkey."""
    if broker == "redis":
        yield {**new_environ(servers, "redis"), "VISIBILITY_TIMEOUT": str(LIMIT)}
        return
    shared = new_environ(servers, "rabbitmq")
    with Servers(tmp_path / "own") as own:
        own.up("rabbitmq")
        shorten(own.pid("rabbitmq"))
        address = Settings.load({**own.environ, "BROKER": "rabbitmq"}, env_files=()).broker_address
        yield {**shared, "BROKER_URL": address}


def shorten(pid: int) -> None:
    """Has a RabbitMQ close the channel of whoever holds a message for two seconds."""
    raw = Path(f"/proc/{pid}/environ").read_bytes().decode()
    node = dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)
    for name, value in LIMITS.items():
        command = [CONTROL, "--node", "rabbit@localhost", "eval", f"application:set_env(rabbit, {name}, {value})."]
        done = subprocess.run(command, env={**os.environ, **node}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
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
