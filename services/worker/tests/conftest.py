"""Starts real worker processes for the tests, on the test's own servers."""

import os
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest
from pydantic import BaseModel, ConfigDict
from pymongo.database import Database

from common.mongo import CollectionSpec, Document, apply_indexes
from common.queue.clients import QueueClients
from common.queue.contract import Contract
from jobs import ticks
from jobs.model import FIRST_NOTIFICATION, JobKind, job_indexes, new_job
from jobs.notify import notify
from jobs.store import JobStore
from testing.brokers import FIRST
from testing.plugins.queue import new_environ
from testing.preloaded import Program
from testing.servers import Servers
from testing.waiting import eventually

SLOW = JobKind("slow.work", "slow")
FLAGS = ("--without-gossip", "--without-mingle", "--without-heartbeat")

Runs: TypeAlias = Callable[[str], list[Document]]
Cancel: TypeAlias = Callable[[str], bool]


@dataclass
class Part:
    """A process of the stack, in a process group of its own, with its log and its sign of life."""

    process: Program
    log: Path
    heartbeat: Path

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 30) -> int:
        return self.process.wait(seconds)

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Starter:
    """Starts `celery` with the given arguments, and ends everything it started."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        self._environ = environ
        self._folder = folder
        self._parts: list[Part] = []

    def __call__(self, *arguments: str, app: str = "slow_worker:app", ready: bool = True, **settings: str) -> Part:
        """Answers the part when it has given its first sign of life."""
        name = f"part{len(self._parts)}"
        heartbeat, log = self._folder / f"{name}.alive", self._folder / f"{name}.log"
        own = {"PYTHONPATH": str(Path(__file__).parent), "HEARTBEAT_FILE": str(heartbeat)}
        # A worker that is killed leaves what it counted.
        own["PROMETHEUS_MULTIPROC_DIR"] = str(self._folder / f"{name}.metrics")
        command = ["celery", "--quiet", "-A", app, *arguments]
        process = Program(command, {**os.environ, **self._environ, **own, **settings}, self._folder, log)
        part = Part(process, log, heartbeat)
        self._parts.append(part)
        if ready:
            eventually(lambda: heartbeat.exists() or process.poll() is not None)
            assert process.poll() is None, part.text()
        return part

    def worker(self, name: str = "worker1", *, ready: bool = True, **settings: str) -> Part:
        """Starts a worker; `name` is its stable node name."""
        return self("worker", "--hostname", f"{name}@test", *FLAGS, ready=ready, **settings)

    def kill(self) -> None:
        """Ends every part at once; nothing is lost, for its data is a test's."""
        for part in self._parts:
            part.kill_group()


class StartWorker(Protocol):
    """What the fixture `worker` is."""

    def __call__(self, name: str = "worker1", *, ready: bool = True, **settings: str) -> Part: ...


class Post(Protocol):
    """What the fixture `post` is."""

    def __call__(
        self, *seconds: float, then: str = "", is_notified: bool = True, patience: float = FIRST_NOTIFICATION
    ) -> str: ...


class Ended(Protocol):
    """What the fixture `ended` is."""

    def __call__(self, job_id: str, *, seconds: float = 30) -> Document: ...


class Send(Protocol):
    """What the fixture `send` is."""

    def __call__(self, **arguments: Any) -> None: ...


@pytest.fixture
def start(environ: dict[str, str], tmp_path: Path, database: Database[Document]) -> Iterator[Starter]:
    """Starts parts of the stack; everything ends with the test."""
    apply_indexes(database, [CollectionSpec(SLOW.collection, job_indexes()), ticks.INDEXES])
    starter = Starter(environ, tmp_path)
    yield starter
    starter.kill()


@pytest.fixture
def worker(start: Starter) -> StartWorker:
    """Starts a worker."""
    return start.worker


@pytest.fixture(scope="module")
def shared(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], Part]]:
    """One worker for all tests of a module, with its environment: short leases, two attempts, two seconds a task."""
    short = {"JOB_LEASE": "2", "JOB_MAX_ATTEMPTS": "2", "TASK_TIME_LIMIT": "2"}
    environ = {**new_environ(servers, FIRST), **short}
    starter = Starter(environ, tmp_path_factory.mktemp("shared"))
    try:
        part = starter.worker()
        yield environ, part
        part.signal(signal.SIGTERM)
        assert part.wait() == 0, part.text()
    finally:
        starter.kill()


@pytest.fixture
def post(clients: QueueClients) -> Post:
    """Accepts a job of the slow kind, and notifies of it unless told otherwise; answers its id.

    Each attempt works for its own number of seconds. A sweeper looks at the job after `patience` seconds.
    """

    def post_job(
        *seconds: float, then: str = "", is_notified: bool = True, patience: float = FIRST_NOTIFICATION
    ) -> str:
        job_id = secrets.token_hex(4)
        job = new_job(
            SLOW,
            request_id=f"request-{job_id}",
            notify_after=patience if is_notified or patience > FIRST_NOTIFICATION else 0,
        )
        document = {"_id": job_id, "seconds": list(seconds) or [0], "then": then, "job": job}
        clients.database[SLOW.collection].insert_one(document)
        if is_notified:
            notify(clients.publisher, SLOW, job_id, request_id=f"request-{job_id}")
        return job_id

    return post_job


@pytest.fixture
def ended(database: Database[Document]) -> Ended:
    """Waits until a job has ended and answers its document."""

    def wait(job_id: str, *, seconds: float = 30) -> Document:
        finished = {"_id": job_id, "job.finished_at": {"$exists": True}}
        return eventually(lambda: database[SLOW.collection].find_one(finished), seconds=seconds)

    return wait


@pytest.fixture
def runs(database: Database[Document]) -> Runs:
    """The times a job's work was begun."""
    return lambda job_id: list(database["runs"].find({"job": job_id}))


@pytest.fixture
def cancel(database: Database[Document]) -> Cancel:
    """Cancels a job."""
    return JobStore(database[SLOW.collection]).cancel


@pytest.fixture
def send(clients: QueueClients) -> Send:
    """Sends a message for the slow kind with the given arguments, whatever they are."""

    class Anything(BaseModel):
        model_config = ConfigDict(extra="allow")

    def send_message(**arguments: Any) -> None:
        clients.queue.publish(Contract(SLOW.name, Anything), Anything(**arguments), request_id="test")

    return send_message
