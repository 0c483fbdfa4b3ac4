"""Those who do jobs as others do them: Celery on the product's servers, and Procrastinate on PostgreSQL."""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from common.config import Settings
from common.extensions.queue.settings import QueueSettings
from common.queue.broker import address_of
from devkit import ROOT, ports
from devkit.bench.peers import FLASK_SERVER, PEERS, mongo_url, output, running, wait
from devkit.stack.private import PrivateStack

# As many processes do jobs as our worker has children.
_CHILDREN = "2"
# Jobs at once in each process: while one waits for the database, another goes on. Half as fast again as one at a time.
_AT_ONCE = "4"
_PROCRASTINATE = str(PEERS / "procrastinate_document.py")


class Opened:
    """Processes that end with a block."""

    def __init__(self) -> None:
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with self._opened:
            self._start(self._opened)
            self._opened = self._opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _start(self, opened: ExitStack) -> None:
        raise NotImplementedError


class CeleryPeer(Opened):
    """A worker with two children, and Flask on granian before it, on the MongoDB and the broker of a stack."""

    def __init__(self, folder: Path, python: str, stack: PrivateStack, check: Callable[[], None]) -> None:
        super().__init__()
        self._folder, self._python, self._check, self._port = folder, python, check, ports.unused()
        settings = Settings.load(stack.environ, env_files=[ROOT / ".env"], sections=[QueueSettings])
        self._environ = {
            **os.environ,
            "PEER_MONGO_URL": mongo_url(stack.environ),
            "PEER_DATABASE": stack.environ["MONGO_DATABASE"],
            "PEER_BROKER_URL": address_of(settings),
            "PYTHONPATH": str(PEERS),
        }

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://{ports.HOST}:{self._port}"

    def count_done(self) -> int:
        """Return how many jobs are done."""
        return int(httpx2.get(f"{self.url}/bench/done", timeout=30, trust_env=False).raise_for_status().json()["done"])

    def forget(self) -> None:
        """Delete the documents of all jobs, so that counting them takes no time from the work."""
        httpx2.delete(f"{self.url}/bench/done", timeout=30, trust_env=False).raise_for_status()

    def _start(self, opened: ExitStack) -> None:
        celery = [self._python, "-m", "celery", "-A", "celery_document:tasks", "worker"]
        worker = [*celery, "--concurrency", _CHILDREN, "--loglevel", "WARNING", "--hostname", "peer@%h"]
        opened.enter_context(running("celery", worker, self._folder, self._environ))
        flask = [self._python, *FLASK_SERVER, "--port", str(self._port), "celery_document:app"]
        started = opened.enter_context(running("flask", flask, self._folder, self._environ))
        wait(started, self._folder / "flask.log", self._works, self._check)

    def _works(self) -> bool:
        try:
            return self.count_done() >= 0
        except httpx2.HTTPError:
            return False


class Procrastinate(Opened):
    """Two workers on a PostgreSQL."""

    def __init__(self, folder: Path, python: str, address: str, check: Callable[[], None]) -> None:
        super().__init__()
        self._folder, self._python, self._check = folder, python, check
        self._environ = {**os.environ, "PEER_POSTGRES_URL": address, "PYTHONPATH": str(PEERS)}

    def burst(self, count: int, threads: int) -> float:
        """Defer jobs from some threads at once, and return the seconds until the last one is done."""
        command = [self._python, _PROCRASTINATE, str(count), str(threads)]
        return float(json.loads(output(command, env=self._environ))["seconds"])

    def _start(self, opened: ExitStack) -> None:
        output([self._python, _PROCRASTINATE, "schema"], env=self._environ)
        command = [self._python, "-m", "procrastinate", "--app", "procrastinate_document.app", "worker"]
        for number in range(int(_CHILDREN)):
            opened.enter_context(
                running(f"procrastinate{number}", [*command, "--concurrency", _AT_ONCE], self._folder, self._environ)
            )
