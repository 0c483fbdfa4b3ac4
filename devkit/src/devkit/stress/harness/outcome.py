"""The results of a run: a row for each kind of request, and exceeded limits. Nothing of locust is imported here."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# The method of a row about the work behind requests.
WORK = "WORK"


class Entry(Protocol):
    """The part of locust's StatsEntry that is read."""

    method: str
    name: str
    num_requests: int
    num_failures: int
    total_rps: float

    def get_response_time_percentile(self, percent: float) -> float | None:
        """Return milliseconds."""


@dataclass(frozen=True)
class Row:
    """One kind of request, or of the work behind it; times are in milliseconds, `rate` is per second."""

    name: str
    is_work: bool
    count: int
    failures: int
    rate: float
    p50: float
    p95: float
    p99: float


def rows_of(entries: Iterable[Entry], total: Entry) -> list[Row]:
    """Return a row for each kind of request, one for all requests, and then one for each kind of work."""
    rows = sorted((_row(entry, f"{entry.method} {entry.name}") for entry in entries), key=lambda row: row.name)
    requests, work = [row for row in rows if not row.is_work], [row for row in rows if row.is_work]
    return [*requests, *([_row(total, "all requests")] if requests else []), *work]


def _row(entry: Entry, name: str) -> Row:
    p50, p95, p99 = (float(entry.get_response_time_percentile(percent) or 0) for percent in (0.5, 0.95, 0.99))
    is_work = entry.method == WORK
    label = name.removeprefix(f"{WORK} ") if is_work else name
    return Row(label, is_work, entry.num_requests, entry.num_failures, entry.total_rps, p50, p95, p99)


def breaches(rows: Sequence[Row], *, max_fail_ratio: float, max_p95: float | None) -> list[str]:
    """Return a line for each limit that was exceeded.

    All failures are counted. The time limit holds for each kind of request, so that many fast requests hide no slow
    one; it does not hold for the work behind them, which waits its turn.
    """
    kinds = [row for row in rows if row.name != "all requests"]
    count, failures = sum(row.count for row in kinds), sum(row.failures for row in kinds)
    if not count:
        return ["nothing was answered, so nothing was measured"]
    exceeded = []
    if failures / count > max_fail_ratio:
        exceeded.append(f"{failures} of {count} failed, {failures / count:.2%}; allowed are {max_fail_ratio:.2%}")
    slow = [row for row in kinds if not row.is_work and row.p95 > (math.inf if max_p95 is None else max_p95)]
    return exceeded + [f"{row.name}: p95 is {row.p95:.0f} ms; allowed are {max_p95:.0f} ms" for row in slow]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as aligned text."""
    lines: list[tuple[str, ...]] = [("request", "count", "req/s", "p50 ms", "p95 ms", "p99 ms", "failed")]
    for row in rows:
        times = (f"{time:.0f}" for time in (row.p50, row.p95, row.p99))
        lines.append((row.name, str(row.count), f"{row.rate:.1f}", *times, str(row.failures)))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines
    )


def failures_of(errors: Iterable[Any], limit: int = 10) -> list[str]:
    """Return the most frequent failures, one line each."""
    most = sorted(errors, key=lambda error: -error.occurrences)[:limit]
    return [f"{error.occurrences} x {error.method} {error.name}: {error.error}"[:200] for error in most]


def as_json(rows: Sequence[Row], exceeded: Sequence[str], *, users: int, run_time: float) -> Mapping[str, Any]:
    """Return the results for programs; `run_time` is in seconds."""
    return {"users": users, "run_time": run_time, "rows": [vars(row) for row in rows], "breaches": list(exceeded)}
