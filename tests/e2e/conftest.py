"""The whole stack as real processes, once for each broker; the tests speak HTTP with it and import no service."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest

from common import brokers
from devkit.servers.private import Servers, private_environ, private_settings
from devkit.servers.selection import needed_names
from devkit.stack.private import DEVELOPMENT, PrivateStack

Found = TypeVar("Found")


class Stack:
    """A running stack: a client of its API, its logs, and its servers to be killed and started again."""

    def __init__(self, folder: Path, broker: str, stops: ExitStack) -> None:
        own = private_settings(ENVIRONMENT="test", BROKER=broker, MONGO_DATABASE="test_e2e")
        # The servers are not the stack's own, so that it goes on when a test kills one.
        self._servers = stops.enter_context(Servers(folder / "data", own))
        self._servers.up(*needed_names(own))
        self._stack = PrivateStack(folder, private_environ(**own), command=DEVELOPMENT)
        self._stack.__enter__()
        stops.callback(self._stop)
        self.components = self._stack.components
        self.http = httpx2.Client(base_url=self._stack.url, timeout=30, trust_env=False)
        stops.callback(self.http.close)

    @property
    def environ(self) -> dict[str, str]:
        """The settings of the stack as an environment."""
        return self._stack.environ

    def log(self, part: str) -> str:
        """Return what a part has logged so far."""
        return self._stack.log(part)

    def kill(self, server: str) -> None:
        """Kill a server at once, as a power cut would."""
        os.kill(self._servers.pid(server), signal.SIGKILL)
        self._servers.started.discard(server)
        self.until(lambda: not self._servers.answers(server))

    def start(self, server: str) -> None:
        """Start a server again; return when it answers."""
        self._servers.up(server)

    def until(self, condition: Callable[[], Found | None], *, seconds: float = 40) -> Found:
        """Ask until the answer is true, and return it."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.05)
        return found

    def post(self, **body: Any) -> dict[str, Any]:
        """Post a report that must be accepted; return it."""
        answer = self.http.post("/api/v1/reports", json={"title": "Numbers", "values": [1, 2, 3], **body})
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def get(self, report: dict[str, Any]) -> dict[str, Any]:
        """A report as it stands now."""
        found: dict[str, Any] = self.http.get(f"/api/v1/reports/{report['id']}").raise_for_status().json()
        return found

    def finished(self, report: dict[str, Any]) -> dict[str, Any]:
        """Wait until a report is finished; return it."""
        return self.until(lambda: now if (now := self.get(report))["status"] not in ("pending", "running") else None)

    def _stop(self) -> None:
        """Stop it as Ctrl-C does, which must succeed and leave no stack trace."""
        code = self._stack.stop()
        assert (code, "Traceback" in self._stack.said) == (0, False), self._stack.said


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stack]]:
    """Start the stack with a broker when it is first asked for; all are stopped at the end, whatever happened."""
    started: dict[str, Stack] = {}

    with ExitStack() as stops:

        def start(broker: str) -> Stack:
            if broker not in started:
                started[broker] = Stack(tmp_path_factory.mktemp(broker), broker, stops)
            return started[broker]

        yield start


@pytest.fixture(params=brokers.names())
def stack(request: pytest.FixtureRequest, stacks: Callable[[str], Stack]) -> Stack:
    """Provide the running stack with one broker; each test runs on all."""
    return stacks(request.param)
