"""The results of checks, tests and measurements, as they stand in the files that they write to `reports/`."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

from pydantic import BaseModel

Content = TypeVar("Content")
Model = TypeVar("Model", bound="Read")


class Read(BaseModel):
    """A result as it stands in a JSON file, and when that was written, in seconds since 1970."""

    ended: float


class Outcome(Read):
    """How a step ended, and how long it took in seconds."""

    passed: bool
    seconds: float


class Profile(Read):
    """Where time goes in the tests or in a service: functions by their share of it, from 0 to 1."""

    of: str
    seconds: float
    samples: int | None = None
    top: list[tuple[str, float]]


@dataclass(frozen=True)
class Suite:
    """The tests of one session; failed and skipped ones with their reasons, the slowest with their seconds."""

    passed: int
    seconds: float
    failed: list[tuple[str, str]]
    skipped: list[tuple[str, str]]
    slowest: list[tuple[str, float]]


@dataclass(frozen=True)
class Coverage:
    """The percentage of lines and branches that the tests run, and the files with the lowest."""

    percent: float
    files: int
    lowest: list[tuple[str, float]]


@dataclass
class Results:
    """All results; what cannot be read is named in `broken` with the reason."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    tests: dict[str, Suite] = field(default_factory=dict)
    coverage: Coverage | None = None
    profiles: dict[str, Profile] = field(default_factory=dict)
    # Of the sections, by their names; those without results are not there.
    measured: dict[str, Any] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def take(self, path: Path, parse: Callable[[Path], Content]) -> Content | None:
        """Return the content of a file; None when it does not exist or cannot be read."""
        try:
            return parse(path)
        except FileNotFoundError:
            return None
        except (OSError, ET.ParseError, ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
            self.broken[path.name] = f"{type(error).__name__}: {error}"
            return None


def by_name(results: Results, paths: Iterable[Path], parse: Callable[[Path], Content]) -> dict[str, Content]:
    """Return the contents of files by their names, without the kind that a name begins with."""
    contents = {path.stem: results.take(path, parse) for path in sorted(paths)}
    return {
        name.removeprefix("outcome-").removeprefix("profile-"): content for name, content in contents.items() if content
    }


def parser(model: type[Model]) -> Callable[[Path], Model]:
    """Return what reads a model from its JSON file."""
    return lambda path: model.model_validate({**json.loads(path.read_bytes()), "ended": path.stat().st_mtime})
