"""What a long command tells a person while it works."""

import sys
import time


def say(message: str, *, end: str = "\n") -> None:
    """Tells a person what goes on. On stderr, for stdout holds results, such as a backup."""
    # On a terminal the line may still show how far something has come; what is longer than the message is erased.
    erase = "\x1b[K" if sys.stderr.isatty() else ""
    print(f"{erase}{message}", end=end, file=sys.stderr, flush=True)  # noqa: T201 - a command speaks by printing


class Progress:
    """How far it has come: on a terminal one line that changes, elsewhere a new line each half a minute.

    `pause` is in seconds. As text it is what was done up to now.
    """

    def __init__(self, done: str, *, pause: float | None = None) -> None:
        self._done, self._documents, self._bytes = done, 0, 0
        self._terminal = sys.stderr.isatty()
        usual = 0.2 if self._terminal else 30.0
        self._pause = usual if pause is None else pause
        self._began = self._shown = time.monotonic()

    def add(self, documents: int, size: int) -> None:
        """Takes note of one more step: its documents, and their bytes."""
        self._documents += documents
        self._bytes += size
        if time.monotonic() - self._shown >= self._pause:
            self._shown = time.monotonic()
            # The next line is written over this one.
            say(str(self), end="\r" if self._terminal else "\n")

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self._began, 0.001)
        size = self._bytes / 1e6
        return f"{self._done} {self._documents:,} documents, {size:,.1f} MB, {size / seconds:,.1f} MB/s"
