"""Ctrl-C and other requests to stop, noted when they come and acted on where it is safe."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from types import FrameType

from devkit import ROOT

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """Somebody asked this command to stop."""


class StopRequest:
    """Counts the requests to stop. An exception out of a signal could lose a process that was started just then."""

    def __init__(self, *, install: bool = True) -> None:
        self.count = 0
        if install:
            for number in _SIGNALS:
                # Explicitly, for a shell starts background commands with SIGINT ignored.
                signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1

    def check(self) -> None:
        """Raise when a stop was requested."""
        if self.count:
            raise Interrupted

    def hurried(self) -> bool:
        """Tell whether it was requested more than once."""
        return self.count > 1


def run_stoppable(command: Sequence[str], stop: StopRequest) -> int:
    """Run a command that takes long and return its exit code; raises when somebody asked to stop meanwhile."""
    # A group of its own, so that it is asked to stop once, whoever was asked.
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
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
