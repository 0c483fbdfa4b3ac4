"""One process that is restarted when it dies, as the restart policy of a deployment does."""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from devkit import process
from devkit.process import Process
from devkit.terminal import CommandError

# Seconds until a process that died is started again.
RESTART_DELAY = 1.0
_POLL = 0.05


class ManagedProcess:
    """One process and its helpers. `pending` returns what is missing until it works, and "" once it does."""

    def __init__(
        self, name: str, launch: Callable[[], tuple[Process, ...]], pending: Callable[[], str], log: Path
    ) -> None:
        self.name = name
        self.processes: tuple[Process, ...] = ()
        self.starts = 0
        self._launch, self._pending, self._log = launch, pending, log
        self._restarts_allowed = False
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._supervise, name=f"supervisor of {name}", daemon=True)

    @property
    def pid(self) -> int:
        """The pid of the present process, or of the last one."""
        return self.processes[0].pid

    def alive(self) -> bool:
        """Return whether it runs."""
        return bool(self.processes) and self.processes[0].alive()

    def works(self) -> bool:
        """Return whether it runs and answers."""
        return self.alive() and not self._pending()

    def start(self) -> None:
        """Start it if it does not run, without waiting, and restart it from now on when it dies."""
        self._restarts_allowed = True
        self._start()
        if not self._thread.is_alive():
            self._thread.start()

    def wait(self, check: Callable[[], None] = lambda: None, *, timeout: float = 90) -> None:
        """Wait until it works. Raise CommandError when that takes too long, and whatever `check` raises."""
        deadline = time.monotonic() + timeout
        while not self.works():
            check()
            if time.monotonic() > deadline:
                missing = self._pending() or "it has died"
                raise CommandError(f"{self.name}: {missing}. {process.end_of(self._log)}")
            time.sleep(_POLL)

    def disable_restart(self) -> None:
        """Leave it dead from now on when it dies."""
        self._restarts_allowed = False

    def kill(self) -> None:
        """Kill the main process at once. Its children live until it is started again."""
        if self.processes:
            self.processes[0].send(signal.SIGKILL)
            process.wait_until(lambda: not self.alive(), timeout=10)

    def stop(self, *, timeout: float = 40) -> None:
        """Ask it to end, kill it after `timeout` seconds, and leave it stopped."""
        self.disable_restart()
        with self._lock:
            for running in self.processes:
                running.send(signal.SIGCONT)
                process.stop(running, timeout=timeout, group=True)
                process.kill_group(running)

    def close(self) -> None:
        """Stop it for good."""
        self._closed.set()
        self.stop(timeout=15)
        if self._thread.is_alive():
            self._thread.join(5)

    def _start(self) -> None:
        with self._lock:
            if not self._restarts_allowed or self.alive():
                return
            for old in self.processes:
                process.kill_group(old)
            self.processes = self._launch()
            self.starts += 1

    def _supervise(self) -> None:
        while not self._closed.wait(_POLL):
            if self._restarts_allowed and not self.alive() and not self._closed.wait(RESTART_DELAY):
                self._start()
