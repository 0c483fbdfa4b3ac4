"""The processes' log files as one stream of lines; they never grow without end."""

import sys
from pathlib import Path

from devkit.process import MAX_LOG, shorten, size
from devkit.stack.output import Output


class Follower:
    """Shows each new whole line of some log files."""

    def __init__(self, output: Output, *, max_log: int = MAX_LOG) -> None:
        self._output = output
        self._max_log = max_log
        self._shown: dict[str, tuple[Path, int]] = {}

    def add(self, name: str, log: Path, *, whole: bool = False) -> None:
        """Follow a log from its present end, or from its beginning."""
        self._shown[name] = (log, 0 if whole else size(log))

    def show(self) -> None:
        """Print what is new."""
        for name in self._shown:
            self._show(name)
            log, shown = self._shown[name]
            # Half a line at its end would be torn; the next time will do.
            if shown > self._max_log and shown == size(log):
                shorten(log)
                self._shown[name] = (log, 0)
        sys.stdout.flush()

    def _show(self, name: str) -> None:
        log, shown = self._shown[name]
        text = _new_lines(log, shown)
        self._shown[name] = (log, shown + len(text))
        for line in text.decode(errors="replace").splitlines():
            self._output.line(name, line)


def _new_lines(log: Path, shown: int) -> bytes:
    if size(log) <= shown:
        return b""
    with log.open("rb") as stream:
        stream.seek(shown)
        text, newline, _ = stream.read().rpartition(b"\n")
    return text + newline
