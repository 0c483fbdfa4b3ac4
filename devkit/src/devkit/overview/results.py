"""The results of checks, tests and measurements, read from the files that they write to `reports/` for programs."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

Content = TypeVar("Content")

# How many of the slowest tests and of the least covered files are worth a look.
_MOST = 8
# Seconds from which on a test is called slow.
_SLOW = 0.1


@dataclass(frozen=True)
class Outcome:
    """How a step ended, how long it took in seconds, and when that was, in seconds since 1970."""

    passed: bool
    seconds: float
    ended: float


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


@dataclass(frozen=True)
class Profile:
    """Where time goes in the tests or in a service: functions by their share of it, from 0 to 1."""

    of: str
    seconds: float
    samples: int | None
    top: list[tuple[str, float]]


@dataclass(frozen=True)
class Stress:
    """The figures of simulated users: a row for each kind of request, times in milliseconds, and exceeded limits."""

    users: int
    run_time: float
    rows: list[dict[str, Any]]
    breaches: list[str]

    @property
    def all_requests(self) -> dict[str, Any] | None:
        """The row of all requests together."""
        return next((row for row in self.rows if row["name"] == "all requests"), None)

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The rows of the work behind requests, such as from POST to done."""
        return [row for row in self.rows if row["is_job"]]


@dataclass(frozen=True)
class ChaosRun:
    """One fault on one broker: what it violated, requests, times in seconds, and when it ended (seconds since 1970)."""

    broker: str
    fault: str
    accepted: int
    refused: int
    stall: float
    recovery: float
    p99: float
    violations: list[str]
    ended: float


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

    def take(self, path: Path, read: Callable[[Path], Content]) -> Content | None:
        """Return the content of a file; None when it does not exist or cannot be read."""
        try:
            return read(path)
        except FileNotFoundError:
            return None
        except (OSError, ET.ParseError, ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
            self.broken[path.name] = f"{type(error).__name__}: {error}"
            return None


def read(reports: Path) -> Results:
    """Read all results in a folder."""
    results = Results()
    for path in sorted(reports.glob("outcome-*.json")):
        if outcome := results.take(path, _outcome):
            results.outcomes[path.stem.removeprefix("outcome-")] = outcome
    for path in (*sorted(reports.glob("tests-*.xml")), *reports.glob("devkit.xml")):
        if suite := results.take(path, _suite):
            results.tests[path.stem] = suite
    for path in sorted(reports.glob("profile-*.json")):
        if profile := results.take(path, _profile):
            results.profiles[path.stem.removeprefix("profile-")] = profile
    results.coverage = results.take(reports / "coverage.xml", _coverage)
    results.stress = results.take(reports / "stress.json", _stress)
    runs = [results.take(path, _chaos_run) for path in sorted(reports.glob("chaos/*.json"))]
    # Both brokers side by side.
    results.chaos = sorted((run for run in runs if run), key=lambda run: (run.fault, run.broker))
    return results


def _outcome(path: Path) -> Outcome:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Outcome(bool(content["passed"]), float(content["seconds"]), path.stat().st_mtime)


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


def _profile(path: Path) -> Profile:
    content = json.loads(path.read_text(encoding="utf-8"))
    top = [(str(name), float(share)) for name, share in content["top"]]
    return Profile(str(content["of"]), float(content["seconds"]), content.get("samples"), top)


def _stress(path: Path) -> Stress:
    content = json.loads(path.read_text(encoding="utf-8"))
    numbers = ("count", "failures", "rate", "p50", "p95", "p99")
    rows = [
        {"name": str(row["name"]), "is_job": bool(row["is_job"])} | {key: float(row[key]) for key in numbers}
        for row in content["rows"]
    ]
    breaches = [str(breach) for breach in content["breaches"]]
    return Stress(int(content["users"]), float(content["run_time"]), rows, breaches)


def _chaos_run(path: Path) -> ChaosRun:
    content = json.loads(path.read_text(encoding="utf-8"))
    return ChaosRun(
        broker=str(content["broker"]),
        fault=str(content["fault"]),
        accepted=int(content["accepted"]),
        refused=int(content["refused"]),
        stall=float(content["stall"]),
        recovery=float(content["recovery"]),
        p99=float(content["p99"]),
        violations=[str(violation) for violation in content["violations"]],
        ended=path.stat().st_mtime,
    )
