"""The runs with a fault."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from devkit.overview.results import Read, Results, by_name, parser
from devkit.overview.section import Section


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


def _read(results: Results, reports: Path) -> list[ChaosRun]:
    runs = by_name(results, reports.glob("chaos/*.json"), parser(ChaosRun)).values()
    # Both brokers side by side.
    return sorted(runs, key=lambda run: (run.fault, run.broker))


def _figures(runs: Sequence[ChaosRun]) -> Iterator[tuple[str, str]]:
    broken = sum(bool(run.violations) for run in runs)
    yield f"{len(runs) - broken} of {len(runs)}", "runs with a fault kept all promises"


SECTION = Section(_read, _figures, pictures="chaos/*.svg")
