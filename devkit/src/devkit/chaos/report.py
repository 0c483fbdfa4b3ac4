"""What is shown of a run: a printed line, a chart, and the figures for the page of results."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from devkit.templates import template

from .verdict import Evidence, Row

WIDTH, HEIGHT = 900, 320
_LEFT, _TOP, _RIGHT, _BOTTOM = 50, 60, 20, 40
_COLOURS = {"accepted": "#1f77b4", "done": "#2ca02c"}
_TEMPLATE = template(Path(__file__).with_name("chart.svg.jinja"))
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


def draw(title: str, series: Mapping[str, Iterable[float]], *, fault: tuple[float, float] | None) -> str:
    """Return an SVG document.

    `series` are the moments of what happened, by its name; `fault` is when the fault began and ended, None without
    one. All are in seconds since 1970.
    """
    moments = {name: list(times) for name, times in series.items()}
    everything = [*(at for times in moments.values() for at in times), *(fault or ())] or [0.0]
    first = int(min(everything))
    span = max(1, int(max(everything)) + 1 - first)
    counts = {name: Counter(int(at) - first for at in times) for name, times in moments.items()}
    top = max([1, *(count for seconds in counts.values() for count in seconds.values())])

    def x(second: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * second / span, 1)

    def y(count: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * count / top, 1)

    return _TEMPLATE.render(
        title=title,
        width=WIDTH,
        height=HEIGHT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        fault=(x(fault[0] - first), max(2.0, x(fault[1] - first) - x(fault[0] - first))) if fault else None,
        levels=[(count, y(count)) for count in sorted({0, top // 2, top})],
        seconds=[(second, x(second)) for second in range(0, span + 1, max(1, span // 10))],
        series=[
            (
                f"{name} per second",
                _COLOURS.get(name, "black"),
                [(x(second), y(seconds[second])) for second in range(span)],
            )
            for name, seconds in counts.items()
        ],
    )


def _line(cells: Sequence[object], verdict: str) -> str:
    widths = list(_COLUMNS.values())
    texts = [str(cell).ljust(width) for cell, width in zip(cells[:2], widths, strict=False)]
    texts += [str(cell).rjust(width) for cell, width in zip(cells[2:], widths[2:], strict=False)]
    return "  ".join([*texts, verdict])
