"""What a run of the stack shows: coloured lines for people in development, lines of JSON in production."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from devkit.terminal import coloured, say

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")


class Output(Protocol):
    """Where the lines of the parts go, and what happens to the parts."""

    def line(self, part: str, text: str) -> None:
        """Show a line that a part has logged."""

    def event(self, message: str, level: str = "INFO") -> None:
        """Tell what happened to a part."""


class ForPeople:
    """Each line stands behind the name of its part; what happens is told on stderr."""

    def __init__(self, parts: Iterable[str]) -> None:
        names = list(parts)
        width = max(map(len, names), default=0)
        self._prefixes = {
            name: coloured(f"{name:<{width}} |", _COLOURS[number % len(_COLOURS)], sys.stdout)
            for number, name in enumerate(names)
        }

    def line(self, part: str, text: str) -> None:
        """Show a line that a part has logged."""
        print(f"{self._prefixes[part]} {text}")

    def event(self, message: str, level: str = "INFO") -> None:  # noqa: ARG002 - people see it by the words
        """Tell what happened to a part."""
        say(message)


class AsJson:
    """Nothing but objects on stdout: a part's own are passed on as they are, all else is put into one."""

    def __init__(self, version: str) -> None:
        self._version = version

    def line(self, part: str, text: str) -> None:
        """Show a line that a part has logged; what a program says past its logger, such as a crash, is a warning."""
        if text.strip():
            print(text if _is_object(text) else self._made(part, "WARNING", text))

    def event(self, message: str, level: str = "INFO") -> None:
        """Tell what happened to a part."""
        print(self._made("supervisor", level, message), flush=True)

    def _made(self, service: str, level: str, message: str) -> str:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "level": level, "logger": service, "message": message, "request_id": "-", "job_id": "-"}
        return json.dumps(line | {"service": service, "version": self._version}, ensure_ascii=False)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
