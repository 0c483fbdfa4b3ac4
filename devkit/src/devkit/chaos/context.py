"""What a fault is given to work on: the stack, the networks between its processes, and ways to wait for an effect."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import psutil
from pymongo.errors import PyMongoError

from devkit.servers.selection import SERVERS
from devkit.terminal import CommandError

from .load import Post
from .proxy import Proxy
from .stack import DATABASE, JOBS, Stack

_POLL = 0.02


class NoEffectError(CommandError):
    """A fault had no visible effect, so nothing was tested; the message says what was missing."""


class UnsupportedError(Exception):
    """This machine cannot inject a fault; the message says why and how to change that."""


class FaultContext:
    """A running stack, with a proxy for each network between its processes."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        mongo = int(stack.settings["MONGO_PORT"])
        targets = {"worker-broker": stack.broker_port, "api-broker": stack.broker_port, "worker-mongo": mongo}
        self.networks = {name: Proxy(target) for name, target in targets.items()}
        # Requests that a fault accepted itself, not over HTTP. They must not be lost either.
        self.accepted_directly: list[Post] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for proxy in self.networks.values():
            proxy.close()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.wait_until(lambda: False, seconds=seconds)

    def wait_until(self, condition: Callable[[], bool], *, seconds: float, pause: float = _POLL) -> bool:
        """Wait until the condition holds, at most `seconds`, and look every `pause` seconds; return whether it did."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() >= deadline:
                return False
            self.stack.check()
            time.sleep(pause)
        return True

    def await_effect(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Wait until the effect of a fault is visible. Raise NoEffectError when it is not within 15 seconds."""
        if not self.wait_until(condition, seconds=15):
            raise NoEffectError(f"the fault had no effect: {otherwise}")

    def await_restart(self, name: str, starts: int) -> None:
        """Wait until a process was started more than `starts` times; if it is a server, also until it answers."""
        managed = self.stack.processes[name]
        self.wait_until(lambda: managed.starts > starts, seconds=60)
        if name in SERVERS:
            managed.wait(self.stack.check)

    def pids(self, name: str) -> list[int]:
        """Return the pids of a managed process: its main process first, then its children."""
        main = self.stack.processes[name].pid
        with suppress(psutil.Error):
            return [main, *(child.pid for child in psutil.Process(main).children())]
        return [main]

    def child_pids(self, name: str) -> list[int]:
        """Return the pids of the children alone."""
        return self.pids(name)[1:]

    def running_jobs(self, worker: str, **query: Any) -> int:
        """Return how many jobs a worker is computing, such as those with `title="Slow"`."""
        own = {"job.state": "running", "job.owner": {"$regex": f"^{worker}@"}, **query}
        with suppress(PyMongoError):
            return self.stack.mongo[DATABASE][JOBS].count_documents(own)
        return 0

    @contextmanager
    def frozen(self, *pids: int) -> Iterator[None]:
        """Suspend processes for the time of a block."""
        signal_all(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(pids, signal.SIGCONT)


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to processes that the harness started; ignore those that have ended."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
