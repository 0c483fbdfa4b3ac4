"""The state of each step, and of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from devkit.overview.results import Results

Kind = Literal["passed", "failed", "idle"]

# The file beside a step's outcome that holds its result.
_FILES = {"coverage": "coverage.xml", "profile": "profile-tests.json", "stress": "stress.json"}


@dataclass(frozen=True)
class State:
    """A state, for the colour, and in words."""

    kind: Kind
    words: str


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
    known = {"coverage": results.coverage, "profile": results.profiles.get("tests"), "stress": results.stress}
    return step not in known or known[step] is not None
