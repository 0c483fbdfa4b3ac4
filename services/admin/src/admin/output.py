"""What commands print: results on standard output, messages on standard error."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any


class CommandError(Exception):
    """A command cannot go on; the message says why, in one line."""


def say(message: str, *, end: str = "\n") -> None:
    """Write a message to standard error, because standard output holds results, such as a backup."""
    # A terminal may still show a longer line of progress, so the rest of the line is erased.
    erase = "\x1b[K" if sys.stderr.isatty() else ""
    print(f"{erase}{message}", end=end, file=sys.stderr, flush=True)  # noqa: T201 - a command speaks by printing


def print_text(text: str) -> None:
    """Print a result."""
    print(text)  # noqa: T201 - a command speaks by printing


def print_table(rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; the first row holds the headings."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print_text(line.rstrip())


def print_json(value: Any) -> None:
    """Print a result for programs, times in ISO 8601."""
    print_text(json.dumps(value, default=datetime.isoformat))


def one_line(value: Any) -> str:
    """Return a value as one line without control characters.

    An error may hold text that a client sent, and that text could control a terminal.
    """
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    text = "-" if value is None else " ".join(str(value).split())
    return "".join(letter if letter.isprintable() else "?" for letter in text)
