"""Ctrl-C and other requests to stop, noted when they come and acted on where it is safe."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from devkit import ROOT

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds in which the same signal counts once: it reaches the whole process group, and `uvx` and `nox` pass it on too.
_MOMENT = 0.4


class Interrupted(KeyboardInterrupt):
    """This command was asked to stop."""


class StopRequest:
    """Counts the requests to stop. An exception out of a signal could lose a process that was started just then."""

    def __init__(self, *, install: bool = True) -> None:
        self.count = 0
        self._noted: dict[int, float] = {}
        if install:
            for number in _SIGNALS:
                # A shell starts background commands with SIGINT ignored, and Ctrl-C stops them all the same. That
                # SIGHUP is ignored was asked for, by `nohup`: the command is to outlive its terminal.
                if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                    signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._noted.get(number, -_MOMENT) >= _MOMENT:
            self._noted[number] = now
            self.count += 1

    def check(self) -> None:
        """Raise when a stop was requested."""
        if self.count:
            raise Interrupted

    def hurried(self) -> bool:
        """Return whether it was requested more than once."""
        return self.count > 1


def run_stoppable(command: Sequence[str], stop: StopRequest, environ: Mapping[str, str] | None = None) -> int:
    """Run a command that takes long and return its exit code; raises when a stop was requested meanwhile."""
    # A group of its own, so that it gets each request to stop once.
    child = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, start_new_session=True)
    told = 0
    while True:
        try:
            code = child.wait(timeout=0.1)
            break
        except subprocess.TimeoutExpired:
            if stop.count > told:
                told = stop.count
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGINT)
    stop.check()
    return code
