"""The progress of a long command."""

import sys
import time

from admin.output import say


class Progress:
    """Count documents and bytes, and show them: on a terminal one line that changes, elsewhere a line each 30 seconds.

    `pause` is in seconds. Its text form says what was done so far.
    """

    def __init__(self, done: str, *, pause: float | None = None) -> None:
        self._done, self._documents, self._bytes = done, 0, 0
        self._terminal = sys.stderr.isatty()
        default = 0.2 if self._terminal else 30.0
        self._pause = default if pause is None else pause
        self._began = self._shown = time.monotonic()

    def add(self, documents: int, size: int = 0) -> None:
        """Count one more step: its documents, and their bytes where these are known."""
        self._documents += documents
        self._bytes += size
        if time.monotonic() - self._shown >= self._pause:
            self._shown = time.monotonic()
            # The next line overwrites this one.
            say(str(self), end="\r" if self._terminal else "\n")

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self._began, 0.001)
        if not self._bytes:
            return f"{self._done} {self._documents:,} documents, {self._documents / seconds:,.0f}/s"
        size = self._bytes / 1e6
        return f"{self._done} {self._documents:,} documents, {size:,.1f} MB, {size / seconds:,.1f} MB/s"
