"""The figures of `invoke bench`, beside those of others."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel

from devkit.overview.results import Read, Results, by_name, parser
from devkit.overview.section import Section


class BenchTable(BaseModel):
    """A table: the first column names the rows."""

    title: str
    header: list[str]
    rows: list[list[str]]


class BenchAim(BaseModel):
    """A figure beside its limit, and what is said of it."""

    what: str
    measured: str
    limit: str
    kept: bool
    verdict: str


class BenchRun(Read):
    """One measurement: what it was made on, and its figures."""

    name: str
    title: str
    machine: str
    versions: dict[str, str]
    tables: list[BenchTable]
    aims: list[BenchAim]
    notes: list[str]


def _read(results: Results, reports: Path) -> list[BenchRun]:
    return list(by_name(results, reports.glob("bench/*.json"), parser(BenchRun)).values())


def _figures(runs: Sequence[BenchRun]) -> Iterator[tuple[str, str]]:
    aims = [aim for run in runs for aim in run.aims]
    yield f"{sum(aim.kept for aim in aims)} of {len(aims)}", "aims of speed kept"


SECTION = Section(_read, _figures, pictures="bench/*.svg")
