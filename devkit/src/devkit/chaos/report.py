"""What is shown of a run: a printed line, a chart, and the figures for the page of results."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from .chart import draw
from .verdict import Evidence, Row

_COLUMNS = {"broker": 8, "fault": 23, "posted": 6, "accepted": 8, "refused": 7, "lost": 4, "duplicated": 10}
_COLUMNS |= {"orphaned": 8, "stuck": 5, "runs": 5, "stall": 6, "recovery": 8, "p50": 7, "p99": 7}


def header() -> str:
    """Return the names of the columns."""
    return _line(list(_COLUMNS), "verdict")


def line(broker: str, fault: str, row: Row) -> str:
    """Return a row as it is printed."""
    counts = (row.posted, row.accepted, row.refused, row.lost, row.duplicated, row.orphaned, row.stuck, row.runs)
    times = (f"{row.stall:.1f} s", f"{row.recovery:.1f} s", f"{row.p50 * 1000:.0f} ms", f"{row.p99 * 1000:.0f} ms")
    verdict = f"BROKEN: {', '.join(row.violations)}" if row.violations else "ok"
    return _line([broker, fault, *counts, *times], verdict)


def remark(broker: str, fault: str, text: str) -> str:
    """Return a row that was not measured, with the reason."""
    return _line([broker, fault], text)


def write(folder: Path, broker: str, fault: str, evidence: Evidence, row: Row) -> None:
    """Write a run's chart to `<broker>-<fault>.svg`, and its figures beside it as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    accepted = [post.answered for post in evidence.posts if post.accepted]
    done = [history.ended for history in evidence.histories.values() if history.ended]
    interval = (evidence.began, evidence.ended) if evidence.injected else None
    chart = draw(f"{fault} on {broker}", {"accepted": accepted, "done": done}, fault=interval)
    (folder / f"{broker}-{fault}.svg").write_text(chart, encoding="utf-8")
    figures = json.dumps({"broker": broker, "fault": fault, **asdict(row)}, indent=2)
    (folder / f"{broker}-{fault}.json").write_text(f"{figures}\n", encoding="utf-8")


def _line(cells: Sequence[object], verdict: str) -> str:
    widths = list(_COLUMNS.values())
    texts = [str(cell).ljust(width) for cell, width in zip(cells[:2], widths, strict=False)]
    texts += [str(cell).rjust(width) for cell, width in zip(cells[2:], widths[2:], strict=False)]
    return "  ".join([*texts, verdict])
