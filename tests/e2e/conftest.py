"""The whole stack as real processes, in each way it can run; the tests speak HTTP with it and import no service."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest

from devkit.servers.private import Servers, private_environ, private_settings
from devkit.servers.selection import needed_names
from devkit.stack.private import DEVELOPMENT, PrivateStack
from testing.variations import VARIATIONS

Found = TypeVar("Found")


class Stack:
    """A running stack: a client of its API, its logs, and its servers to be killed and started again."""

    def __init__(self, folder: Path, variation: Mapping[str, str], stops: ExitStack) -> None:
        own = private_settings(ENVIRONMENT="test", MONGO_DATABASE="test_e2e", **variation)
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

    def pids(self) -> dict[str, int]:
        """Return the main process of each part by its name; a server may have been started again."""
        own = {name: int(part["pid"]) for name, part in self.components.items()}
        return own | {name: self._servers.pid(name) for name in self._servers.started}

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

    def _stop(self) -> None:
        """Stop it as Ctrl-C does, which must succeed and leave no stack trace."""
        code = self._stack.stop()
        assert (code, "Traceback" in self._stack.said) == (0, False), self._stack.said


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stack]]:
    """Start a stack when its variation is first asked for; all are stopped at the end, whatever happened."""
    started: dict[str, Stack] = {}

    with ExitStack() as stops:

        def start(name: str) -> Stack:
            if name not in started:
                started[name] = Stack(tmp_path_factory.mktemp(name), VARIATIONS[name], stops)
            return started[name]

        yield start


@pytest.fixture(params=VARIATIONS)
def stack(request: pytest.FixtureRequest, stacks: Callable[[str], Stack]) -> Stack:
    """Provide the running stack; each test runs on all variations."""
    return stacks(request.param)
