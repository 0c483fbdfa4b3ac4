"""What a part of the page is about something that is measured beside the tests."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.overview.results import Results


@dataclass(frozen=True)
class Step:
    """How `invoke check-all` makes a section's results: `run` returns an exit code, `result` is a figure and a file.

    `file` holds the results in `reports/`, and `files` are patterns of all that a run writes there.
    """

    run: Callable[[Path], int]
    file: str
    files: Sequence[str]
    result: Callable[[Any], tuple[str, str]]


@dataclass(frozen=True)
class Section:
    """How results are read, which is None or empty where there are none, their main figures, and their pictures."""

    read: Callable[[Results, Path], Any]
    figures: Callable[[Any], Iterable[tuple[str, str]]]
    step: Step | None = None
    pictures: str = ""
