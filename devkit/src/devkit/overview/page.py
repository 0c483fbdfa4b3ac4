"""The page `reports/index.html`: made from results alone, one file, nothing from elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from devkit.overview.results import Outcome, Results
from devkit.overview.verdict import State, state, verdict
from devkit.templates import template

_TEMPLATE = template(Path(__file__).with_name("page.html.jinja"))


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
        steps=[
            Step(name, state(name, results), results.outcomes.get(name), *_result(name, results))
            for name in about.steps
        ],
        moment=_moment,
    )


def _figures(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the main figures, each with what it counts."""
    if suites := results.tests.values():
        failed = sum(len(suite.failed) for suite in suites)
        pythons = sum(name.startswith("tests-") for name in results.tests)
        on = f"on {pythons} Pythons" if pythons > 1 else "on one Python"
        yield (f"{failed} failed" if failed else f"{sum(suite.passed for suite in suites)} passed"), f"tests {on}"
    if results.coverage:
        yield f"{results.coverage.percent:.1f} %", "of lines and branches run by tests"
    if results.stress and (row := results.stress.all_requests):
        yield f"{row.rate:.0f} /s", f"requests; 95 % within {row.p95:.0f} ms"
    for row in results.stress.rows if results.stress else ():
        if row.is_job:
            yield f"{row.p50:.0f} ms", f"{row.name}; 95 % within {row.p95:.0f} ms"
    if results.chaos:
        broken = sum(bool(run.violations) for run in results.chaos)
        yield f"{len(results.chaos) - broken} of {len(results.chaos)}", "runs with a fault kept all promises"


def _result(step: str, results: Results) -> tuple[str, str]:
    """Return what a step found, in one line, and the file that says more."""
    if suite := results.tests.get(step):
        return f"{suite.passed} passed, {len(suite.failed)} failed, {len(suite.skipped)} skipped", ""
    if step == "coverage" and results.coverage:
        return f"{results.coverage.percent:.1f} %", "coverage/index.html"
    if step == "profile" and (profile := results.profiles.get("tests")):
        return f"{profile.seconds:.1f} s of tests without servers", "profile-tests.svg"
    if step == "stress" and results.stress and (row := results.stress.all_requests):
        figures = f"{row.rate:.0f} requests/s, p50 {row.p50:.0f} ms, p95 {row.p95:.0f} ms"
        return f"{figures}, {row.failures} failed", "stress.html"
    return "", ""


def _moment(seconds: float) -> tuple[str, str]:
    """Return a time for people and for programs."""
    when = datetime.fromtimestamp(seconds, UTC)
    return when.strftime("%Y-%m-%d %H:%M UTC"), when.isoformat(timespec="seconds")
