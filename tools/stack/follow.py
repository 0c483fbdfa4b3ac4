"""The parts' log files as one stream of prefixed, coloured lines."""

import sys
from pathlib import Path

from tools.terminal import coloured

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")


class Follower:
    """Prints each new whole line of some log files behind the name of its part."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[Path, int]] = {}

    def add(self, name: str, log: Path) -> None:
        """Follow a log from its present end."""
        self._shown[name] = (log, log.stat().st_size if log.exists() else 0)

    def show(self) -> None:
        """Print what is new."""
        width = max((len(name) for name in self._shown), default=0)
        for number, (name, (log, shown)) in enumerate(self._shown.items()):
            text = _new_lines(log, shown)
            self._shown[name] = (log, shown + len(text))
            prefix = coloured(f"{name:<{width}} |", _COLOURS[number % len(_COLOURS)], sys.stdout)
            for line in text.decode(errors="replace").splitlines():
                print(f"{prefix} {line}")
        sys.stdout.flush()


def _new_lines(log: Path, shown: int) -> bytes:
    if not log.exists() or log.stat().st_size <= shown:
        return b""
    with log.open("rb") as stream:
        stream.seek(shown)
        text, newline, _ = stream.read().rpartition(b"\n")
    return text + newline
