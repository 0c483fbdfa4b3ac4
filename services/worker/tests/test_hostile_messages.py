"""Rubbish in the queue on each of the real brokers: the next job is done, and the worker is the same as before."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest
import redis
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.mongo import Document
from common.queue import Queue
from testing.fixtures import new_environ
from testing.servers import Servers, unused_ports
from testing.waiting import eventually

from .conftest import Ended, Part, Post, Runs, Starter
from .hostile import ITEMS, MARK, MESSAGES, opened

pytestmark = pytest.mark.integration

CASES = [*(("redis", name) for name in ITEMS), *(("rabbitmq", name) for name in MESSAGES)]
# What may be read, for whatever is not ours in it is left out; the job that it names is none.
HARMLESS = {"stamps", "ignore_result false", "request id table", "request id lines"}
HARMLESS |= {"reply to", "persistent priority", "other types"}


@dataclass
class Worker:
    """A worker with one child, and what the tests need to talk to it."""

    environ: dict[str, str]
    settings: Settings
    port: int
    put: Callable[[Any], None]
    queue: Queue
    part: Part
    # The process that has done all jobs so far; None before the first one.
    child: int | None = None


@pytest.fixture(scope="module")
def workers(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Worker]]:
    """For each broker one worker with one child, which outlives everything."""
    started: dict[str, Worker] = {}

    def worker(broker: str) -> Worker:
        if broker not in started:
            port = unused_ports(1)[0]
            environ = {**new_environ(servers, broker), "METRICS_PORT": str(port), "WORKER_CONCURRENCY": "1"}
            settings = Settings.load(environ, env_files=())
            starter, queue = Starter(environ, tmp_path_factory.mktemp(broker)), Queue(settings)
            stack.callback(queue.close)
            stack.callback(starter.kill)
            put = stack.enter_context(opened(settings))
            started[broker] = Worker(environ, settings, port, put, queue, starter.worker())
        return started[broker]

    with ExitStack() as stack:
        yield worker
        for own in started.values():
            own.part.signal(signal.SIGTERM)
            assert own.part.wait() == 0, own.part.text()
            # What had not been acknowledged would be back by now.
            assert own.queue.waiting() == 0


@pytest.fixture
def records(own: Worker) -> Iterator[Any]:
    """What Valkey remembers of messages that were fetched and not acknowledged."""
    prefix = f"{own.settings.project}:"
    with redis.Redis.from_url(own.settings.broker_address) as client:
        yield SimpleNamespace(
            add=lambda tag, record: (
                client.hset(f"{prefix}unacked", tag, record),
                client.zadd(f"{prefix}unacked_index", {tag: 1}),
            ),
            gone=lambda: not client.exists(f"{prefix}unacked", f"{prefix}unacked_index"),
        )


@pytest.fixture
def own(workers: Callable[[str], Worker], broker: str) -> Worker:
    """The worker of the test's broker."""
    return workers(broker)


@pytest.fixture
def environ(own: Worker) -> dict[str, str]:
    """The environment of that worker."""
    return own.environ


def refused(own: Worker) -> float:
    with urlopen(f"http://127.0.0.1:{own.port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("refused_messages_total"))


@pytest.mark.parametrize(("broker", "name"), CASES, ids=[f"{broker}-{name}" for broker, name in CASES])
def test_after_what_is_not_ours_the_next_job_is_done(
    own: Worker,
    broker: str,
    name: str,
    post: Post,
    ended: Ended,
    runs: Runs,
    clients: Clients,
    database: Database[Document],
) -> None:
    before = refused(own)
    own.put((ITEMS if broker == "redis" else MESSAGES)[name])
    # No sweeper notifies of it so soon: only its message tells of it.
    job = post(patience=600)
    document = ended(job, seconds=20)
    assert document["job"]["state"] == "done", document["job"]
    (run,) = runs(job)
    own.child = own.child or run["pid"]
    assert (own.part.process.poll(), run["pid"]) == (None, own.child)
    if name not in HARMLESS:
        eventually(lambda: refused(own) == before + 1)
    assert MARK not in own.part.text()
    assert list(database["hints"].find()) == []
    eventually(lambda: clients.queue.waiting() == 0)


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_a_flood_of_it_is_counted_and_does_not_fill_the_log(own: Worker, broker: str, post: Post, ended: Ended) -> None:
    before = refused(own)
    for _ in range(300):
        own.put(b"rubbish" if broker == "redis" else MESSAGES["plain text"])
    assert ended(post(patience=600), seconds=20)["job"]["state"] == "done"
    eventually(lambda: refused(own) == before + 300)
    reason = "envelope" if broker == "redis" else "content type"
    assert 0 < own.part.text().count(f"its {reason} is not ours") <= 20


def test_nothing_is_left_of_what_was_refused(own: Worker, records: Any) -> None:
    for item in ITEMS.values():
        own.put(item)
    eventually(lambda: own.queue.waiting() == 0)
    eventually(records.gone)


def test_a_record_of_what_was_fetched_that_cannot_be_read_is_removed(
    own: Worker, records: Any, post: Post, ended: Ended
) -> None:
    before = refused(own)
    for tag, record in (("a", b"\xff no json"), ("b", b"[]"), ("c", b"5"), ("d", b'["x", 1, 2]'), ("e", b'{"a": 1}')):
        records.add(tag, record)
    eventually(records.gone)
    assert refused(own) >= before + 3
    assert ended(post(patience=600), seconds=20)["job"]["state"] == "done"
