"""The page `reports/index.html`, with the state of each step and of all; one file, nothing from elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from devkit.overview.reading import SECTIONS, STEPS
from devkit.overview.results import Outcome, Results
from devkit.stack.product import profiled
from devkit.templates import template

_TEMPLATE = template(Path(__file__).with_name("page.html.jinja"))
# The file beside a step's outcome that holds its result.
_FILES = {"coverage": "coverage.xml", "profile": "profile-tests.json"} | {
    name: step.file for name, step in STEPS.items()
}

Kind = Literal["passed", "failed", "idle"]


@dataclass(frozen=True)
class About:
    """What the results are of: the project, its version, the commit and its time, and the steps that exist."""

    project: str
    version: str
    commit: str
    committed: float
    steps: Sequence[str]
    required_coverage: float
    now: float


@dataclass(frozen=True)
class State:
    """A state, for the colour, and in words."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class Step:
    """One row of the steps: what it found, in one line, and a file that says more."""

    name: str
    state: State
    outcome: Outcome | None
    figure: str = ""
    file: str = ""


def render(about: About, results: Results, existing: frozenset[str]) -> str:
    """Return the page; `existing` are the names of the files that it may link to."""
    return _TEMPLATE.render(
        about=about,
        results=results,
        existing=existing,
        overall=verdict(about.steps, results),
        figures=list(_figures(results)),
        measured=[(name, f"sections/{name}.html.jinja", content) for name, content in results.measured.items()],
        steps=[
            Step(name, state(name, results), results.outcomes.get(name), *_result(name, results))
            for name in about.steps
        ],
        moment=_moment,
        subjects={"tests": "The tests that need no server", **profiled()},
    )


def state(step: str, results: Results) -> State:
    """Return the state of a step."""
    outcome = results.outcomes.get(step)
    if {f"outcome-{step}.json", _file(step)} & results.broken.keys():
        return State("failed", "unreadable")
    if outcome is None:
        return State("idle", "not run")
    if not outcome.passed:
        return State("failed", "failed")
    return State("passed", "passed") if _has_result(step, results) else State("failed", "no result")


def verdict(steps: Iterable[str], results: Results) -> State:
    """Return the state of all: failed if one step has failed, and passed only if none was skipped."""
    states = {step: state(step, results).kind for step in steps}
    failed = [step for step, kind in states.items() if kind == "failed"]
    idle = [step for step, kind in states.items() if kind == "idle"]
    if failed or results.broken:
        return State("failed", f"failed: {', '.join(failed or results.broken)}")
    if idle:
        return State("idle", f"nothing failed, but not everything was run: {', '.join(idle)}")
    return State("passed", "everything passed")


def _file(step: str) -> str:
    return _FILES.get(step, f"{step}.xml")


def _has_result(step: str, results: Results) -> bool:
    if step.startswith("tests-") or step == "devkit":
        return step in results.tests
    known = {"coverage": results.coverage, "profile": results.profiles.get("tests")}
    known |= {name: results.measured.get(name) for name in STEPS}
    return step not in known or known[step] is not None


def _figures(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the main figures, each with what it counts."""
    if suites := results.tests.values():
        failed = sum(len(suite.failed) for suite in suites)
        pythons = sum(name.startswith("tests-") for name in results.tests)
        on = f"on {pythons} Pythons" if pythons > 1 else "on one Python"
        yield (f"{failed} failed" if failed else f"{sum(suite.passed for suite in suites)} passed"), f"tests {on}"
    if results.coverage:
        yield f"{results.coverage.percent:.1f} %", "of lines and branches run by tests"
    for name, content in results.measured.items():
        yield from SECTIONS[name].figures(content)


def _result(step: str, results: Results) -> tuple[str, str]:
    """Return what a step found, in one line, and the file that says more."""
    if suite := results.tests.get(step):
        return f"{suite.passed} passed, {len(suite.failed)} failed, {len(suite.skipped)} skipped", ""
    if step == "coverage" and results.coverage:
        return f"{results.coverage.percent:.1f} %", "coverage/index.html"
    if step == "profile" and (profile := results.profiles.get("tests")):
        return f"{profile.seconds:.1f} s of tests without servers", "profile-tests.svg"
    if step in STEPS and (content := results.measured.get(step)):
        return STEPS[step].result(content)
    return "", ""


def _moment(seconds: float) -> tuple[str, str]:
    """Return a time for people and for programs."""
    when = datetime.fromtimestamp(seconds, UTC)
    return when.strftime("%Y-%m-%d %H:%M UTC"), when.isoformat(timespec="seconds")
