"""The figures of simulated users."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from devkit.overview.results import Read, Results, parser
from devkit.overview.section import Section, Step
from devkit.stress.locust import Options
from devkit.stress.run import run


class StressRow(BaseModel):
    """One kind of request, or of the work behind it, such as from POST to done; times in milliseconds."""

    name: str
    is_work: bool
    count: int
    failures: int
    rate: float
    p50: float
    p95: float
    p99: float


class Stress(Read):
    """The figures of a run, and exceeded limits."""

    users: int
    run_time: float
    rows: list[StressRow]
    breaches: list[str]

    @property
    def all_requests(self) -> StressRow | None:
        """The row of all requests together."""
        return next((row for row in self.rows if row.name == "all requests"), None)


def _read(results: Results, reports: Path) -> Stress | None:
    return results.take(reports / "stress.json", parser(Stress))


def _figures(stress: Stress) -> Iterator[tuple[str, str]]:
    if row := stress.all_requests:
        yield f"{row.rate:.0f} /s", f"requests; 95 % within {row.p95:.0f} ms"
    for row in stress.rows:
        if row.is_work:
            yield f"{row.p50:.0f} ms", f"{row.name}; 95 % within {row.p95:.0f} ms"


def _result(stress: Stress) -> tuple[str, str]:
    row = stress.all_requests
    if row is None:
        return "", ""
    figures = f"{row.rate:.0f} requests/s, p50 {row.p50:.0f} ms, p95 {row.p95:.0f} ms"
    return f"{figures}, {row.failures} failed", "stress.html"


def _run(reports: Path) -> int:
    """Make a short run, to be compared with the one before; `invoke stress` measures longer."""
    return run(Options(user="MixUser", users=10, spawn_rate=10, run_time="10s", reports=reports, max_fail_ratio=0))


SECTION = Section(_read, _figures, Step(_run, "stress.json", ("stress[._]*",), _result))
