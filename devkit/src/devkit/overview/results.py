"""The results of checks, tests and measurements, read from the files that they write to `reports/` for programs."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree as ET

from pydantic import BaseModel

Content = TypeVar("Content")
Model = TypeVar("Model", bound="Read")

# How many of the slowest tests and of the least covered files are worth a look.
_MOST = 8
# Seconds from which on a test is called slow.
_SLOW = 0.1


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


class StressRow(BaseModel):
    """One kind of request, or of the work behind it, such as from POST to done; times in milliseconds."""

    name: str
    is_job: bool
    count: int
    failures: int
    rate: float
    p50: float
    p95: float
    p99: float


class Stress(Read):
    """The figures of simulated users, and exceeded limits."""

    users: int
    run_time: float
    rows: list[StressRow]
    breaches: list[str]

    @property
    def all_requests(self) -> StressRow | None:
        """The row of all requests together."""
        return next((row for row in self.rows if row.name == "all requests"), None)


class ChaosRun(Read):
    """One fault on one broker: what it violated, requests, and times in seconds."""

    broker: str
    fault: str
    accepted: int
    refused: int
    stall: float
    recovery: float
    p99: float
    violations: list[str]


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
    stress: Stress | None = None
    chaos: list[ChaosRun] = field(default_factory=list)
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


def read(reports: Path) -> Results:
    """Read all results in a folder."""
    results = Results()
    results.outcomes = _by_name(results, reports.glob("outcome-*.json"), _parser(Outcome))
    results.tests = _by_name(results, (*reports.glob("tests-*.xml"), *reports.glob("devkit.xml")), _suite)
    results.profiles = _by_name(results, reports.glob("profile-*.json"), _parser(Profile))
    results.coverage = results.take(reports / "coverage.xml", _coverage)
    results.stress = results.take(reports / "stress.json", _parser(Stress))
    runs = _by_name(results, reports.glob("chaos/*.json"), _parser(ChaosRun)).values()
    # Both brokers side by side.
    results.chaos = sorted(runs, key=lambda run: (run.fault, run.broker))
    return results


def _by_name(results: Results, paths: Iterable[Path], parse: Callable[[Path], Content]) -> dict[str, Content]:
    """Return the contents of files by their names, without the kind that a name begins with."""
    contents = {path.stem: results.take(path, parse) for path in sorted(paths)}
    return {
        name.removeprefix("outcome-").removeprefix("profile-"): content for name, content in contents.items() if content
    }


def _parser(model: type[Model]) -> Callable[[Path], Model]:
    return lambda path: model.model_validate({**json.loads(path.read_bytes()), "ended": path.stat().st_mtime})


def _suite(path: Path) -> Suite:
    """Read the JUnit report of pytest."""
    suites = ET.parse(path).getroot().findall("testsuite")  # noqa: S314 - written by our own tests
    cases = [case for suite in suites for case in suite.iter("testcase")]
    if not suites:
        raise ValueError("there is no test suite in it")
    # A test that fails, and whose teardown fails too, is listed twice.
    failed = _reasons(cases, "failure", "error")
    skipped = _reasons(cases, "skipped")
    times = [(_name(case), float(case.attrib["time"])) for case in cases]
    slowest = sorted((case for case in times if case[1] >= _SLOW), key=lambda case: -case[1])
    passed = len({_name(case) for case in cases} - failed.keys() - skipped.keys())
    seconds = sum(float(suite.attrib["time"]) for suite in suites)
    return Suite(passed, seconds, list(failed.items()), list(skipped.items()), slowest[:_MOST])


def _reasons(cases: list[ET.Element], *kinds: str) -> dict[str, str]:
    """Return why the tests ended in one of some ways, by their names."""
    reasons: dict[str, str] = {}
    for case in cases:
        for reason in (element.get("message", "") for kind in kinds for element in case.findall(kind)):
            reasons[_name(case)] = "\n".join(filter(None, (reasons.get(_name(case)), reason)))
    return reasons


def _name(case: ET.Element) -> str:
    return f"{case.get('classname', '')}.{case.attrib['name']}".lstrip(".")


def _coverage(path: Path) -> Coverage:
    root = ET.parse(path).getroot()  # noqa: S314 - written by our own tests
    numbers = {
        key: int(root.attrib[key]) for key in ("lines-valid", "lines-covered", "branches-valid", "branches-covered")
    }
    run = numbers["lines-covered"] + numbers["branches-covered"]
    percent = 100 * run / (numbers["lines-valid"] + numbers["branches-valid"])
    files = [(file.attrib["filename"], 100 * float(file.attrib["line-rate"])) for file in root.iter("class")]
    lowest = sorted((file for file in files if file[1] < 100), key=lambda file: file[1])
    return Coverage(percent, len(files), lowest[:_MOST])
