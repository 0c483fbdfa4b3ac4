"""What a long command tells a person while it works."""

import sys
import time


def say(message: str, *, end: str = "\n") -> None:
    """Tells a person what goes on. On stderr, for stdout holds results, such as a backup."""
    print(message, end=end, file=sys.stderr, flush=True)  # noqa: T201 - a command speaks by printing


class Progress:
    """How far it has come: on a terminal one line that changes, elsewhere a new line each half a minute.

    As text it is what was done up to now.
    """

    def __init__(self, done: str) -> None:
        self._done, self._documents, self._bytes = done, 0, 0
        self._terminal = sys.stderr.isatty()
        self._pause = 0.2 if self._terminal else 30.0
        self._began = self._shown = time.monotonic()

    def add(self, documents: int, size: int) -> None:
        """Takes note of one more step: its documents, and their bytes."""
        self._documents += documents
        self._bytes += size
        if time.monotonic() - self._shown >= self._pause:
            self._shown = time.monotonic()
            # The next line is written over this one.
            say(f"{self!s:<70}" if self._terminal else str(self), end="\r" if self._terminal else "\n")

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self._began, 0.001)
        size = self._bytes / 1e6
        return f"{self._done} {self._documents:,} documents, {size:,.1f} MB, {size / seconds:,.1f} MB/s"
