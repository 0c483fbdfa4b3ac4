"""Ctrl-C and other requests to stop, noted when they come and acted on where it is safe."""

import signal
from types import FrameType

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
