"""What is shown of a run: one line, and a picture."""

from collections.abc import Sequence
from pathlib import Path

from .picture import draw
from .verdict import Evidence, Row

_COLUMNS = (
    ("broker", 8),
    ("fault", 19),
    ("posted", 6),
    ("accepted", 8),
    ("refused", 7),
    ("lost", 4),
    ("duplicated", 10),
    ("orphaned", 8),
    ("stuck", 5),
    ("runs", 5),
    ("stall", 6),
    ("recovery", 8),
    ("p50", 7),
    ("p99", 7),
)


def header() -> str:
    """The names of the columns."""
    return _line([name for name, _ in _COLUMNS], "verdict")


def line(broker: str, fault: str, row: Row) -> str:
    """A row as it is printed."""
    counts = (row.posted, row.accepted, row.refused, row.lost, row.duplicated, row.orphaned, row.stuck, row.runs)
    times = (f"{row.stall:.1f} s", f"{row.recovery:.1f} s", f"{row.p50 * 1000:.0f} ms", f"{row.p99 * 1000:.0f} ms")
    verdict = f"BROKEN: {', '.join(row.broken)}" if row.broken else "ok"
    return _line([broker, fault, *counts, *times], verdict)


def remark(broker: str, fault: str, text: str) -> str:
    """A row that was not measured, and why."""
    return f"{broker:<8}  {fault:<19}  {text}"


def paint(folder: Path, broker: str, fault: str, evidence: Evidence) -> None:
    """Draws a run into `<broker>-<fault>.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    accepted = [post.answered for post in evidence.posts if post.accepted]
    done = [each.ends[0][0] for each in evidence.histories.values() if each.ends]
    lines = {"accepted": accepted, "done": done}
    picture = draw(f"{fault} on {broker}", lines, fault=(evidence.began, evidence.ended))
    (folder / f"{broker}-{fault}.svg").write_text(picture, encoding="utf-8")


def _line(cells: Sequence[object], verdict: str) -> str:
    texts = [
        f"{cell!s:<{width}}" if number < 2 else f"{cell!s:>{width}}"
        for number, (cell, (_, width)) in enumerate(zip(cells, _COLUMNS, strict=True))
    ]
    return "  ".join([*texts, verdict])
