"""Keeps one process alive, as the restart policy of a deployment does, and never loses sight of it."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from devkit import process
from devkit.process import Process
from devkit.terminal import CommandError

# Seconds until what has died is started again.
RESTART_PAUSE = 1.0
_POLL = 0.02


class Keeper:
    """One process and its helpers. `pending` tells what is missing until it works, and "" once it does."""

    def __init__(
        self, name: str, launch: Callable[[], tuple[Process, ...]], pending: Callable[[], str], log: Path
    ) -> None:
        self.name = name
        self.processes: tuple[Process, ...] = ()
        self.starts = 0
        self._launch, self._pending, self._log = launch, pending, log
        self._held = True
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=f"keeper of {name}", daemon=True)

    @property
    def pid(self) -> int:
        """The pid of the present process, or of the last one."""
        return self.processes[0].pid

    def alive(self) -> bool:
        """Whether it runs."""
        return bool(self.processes) and self.processes[0].alive()

    def works(self) -> bool:
        """Whether it runs and does what it is for."""
        return self.alive() and not self._pending()

    def start(self) -> None:
        """Starts it if it does not run, without waiting, and keeps it alive from now on."""
        self._held = False
        self._start()
        if not self._thread.is_alive():
            self._thread.start()

    def wait(self, check: Callable[[], None] = lambda: None, *, timeout: float = 90) -> None:
        """Waits until it works. Raises CommandError when that takes too long, and whatever `check` raises."""
        deadline = time.monotonic() + timeout
        while not self.works():
            check()
            if time.monotonic() > deadline:
                missing = self._pending() or "it has died"
                raise CommandError(f"{self.name}: {missing}. The end of {self._log}:\n{process.tail(self._log)}")
            time.sleep(_POLL)

    def hold(self) -> None:
        """From now on it is left dead when it dies."""
        self._held = True

    def kill(self) -> None:
        """Kills the main process at once. Its children live until it is started again."""
        if self.processes:
            self.processes[0].send(signal.SIGKILL)
            process.wait_until(lambda: not self.alive(), timeout=10)

    def stop(self, *, timeout: float = 40) -> bool:
        """Asks it to end and leaves it ended; answers whether it did so by itself."""
        self._held = True
        with self._lock:
            ended = True
            for each in self.processes:
                each.send(signal.SIGCONT)
                ended = process.stop(each, timeout=timeout, group=True) and ended
                process.kill_group(each)
            return ended

    def close(self) -> None:
        """Stops it for good."""
        self._closed.set()
        self.stop(timeout=15)
        if self._thread.is_alive():
            self._thread.join(5)

    def _start(self) -> None:
        with self._lock:
            if self._held or self.alive():
                return
            for each in self.processes:
                process.kill_group(each)
            self.processes = self._launch()
            self.starts += 1

    def _keep(self) -> None:
        while not self._closed.wait(_POLL):
            if not self._held and not self.alive() and not self._closed.wait(RESTART_PAUSE):
                self._start()
