"""A worker that is sent what is not ours, and what is read of it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.request import urlopen

import pytest
from services.worker.tests.conftest import Part, Starter

from common.config import Settings
from common.queue.producer import Queue
from testing.plugins.queue import new_environ
from testing.servers import Servers, unused_ports


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


@contextmanager
def started_workers(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Worker]]:
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
            kind = import_module(f".{broker}", __package__)
            put = stack.enter_context(kind.opened(settings))
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
