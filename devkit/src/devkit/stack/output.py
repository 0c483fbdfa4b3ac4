"""What a run of the stack shows: coloured lines in development, lines of JSON in production."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from common.logging import ids
from devkit.terminal import coloured, say

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")


class Output(Protocol):
    """Where the lines of the processes go, and what happens to the processes."""

    def line(self, process: str, text: str) -> None:
        """Show a line that a process has logged."""

    def event(self, message: str, level: str = "INFO") -> None:
        """Tell what happened to a process."""


class TerminalOutput:
    """Each line stands behind the name of its process; what happens is told on stderr."""

    def __init__(self, processes: Iterable[str]) -> None:
        names = list(processes)
        width = max(map(len, names), default=0)
        self._prefixes = {
            name: coloured(f"{name:<{width}} |", _COLOURS[number % len(_COLOURS)], sys.stdout)
            for number, name in enumerate(names)
        }

    def line(self, process: str, text: str) -> None:
        """Show a line that a process has logged."""
        print(f"{self._prefixes[process]} {text}")

    def event(self, message: str, level: str = "INFO") -> None:  # noqa: ARG002 - the words say it
        """Tell what happened to a process."""
        say(message)


class JsonOutput:
    """Nothing but objects on stdout: a process's own are passed on as they are, all else is put into one."""

    def __init__(self, version: str) -> None:
        self._version = version

    def line(self, process: str, text: str) -> None:
        """Show a line that a process has logged; what a program says past its logger, such as a crash, is a warning."""
        if text.strip():
            print(text if _is_object(text) else self._made(process, "WARNING", text))

    def event(self, message: str, level: str = "INFO") -> None:
        """Tell what happened to a process."""
        print(self._made("supervisor", level, message), flush=True)

    def _made(self, service: str, level: str, message: str) -> str:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        # As the processes log, with the ids that their lines have.
        line = {"time": now, "level": level, "logger": service, "message": message, **dict.fromkeys(ids(), "-")}
        return json.dumps(line | {"service": service, "version": self._version}, ensure_ascii=False)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
