"""What a flame graph shows, read from the picture itself: py-spy writes one format at a time.

Each frame of the picture carries how many samples it is wide, and where that begins, as attributes for its own script.
"""

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

_SVG = "{http://www.w3.org/2000/svg}"
_FG = "{http://github.com/jonhoo/inferno}"


@dataclass(frozen=True)
class Frame:
    """A function in one place of the picture: its row, its begin, and its width in samples."""

    name: str
    row: float
    begin: int
    width: int


def read(picture: Path) -> list[Frame]:
    """Return the frames of a picture. Raise ParseError or ValueError when it is not a flame graph."""
    root = ET.parse(picture).getroot()  # noqa: S314 - drawn just now by our own profiler
    return [_frame(group) for group in root.iter(f"{_SVG}g") if group.find(f"{_SVG}title") is not None]


def _frame(group: ET.Element) -> Frame:
    shape = group.find(f"{_SVG}rect")
    if shape is None:
        raise ValueError("a frame without its rectangle")
    name = (group.findtext(f"{_SVG}title") or "").rpartition(" (")[0]
    return Frame(name, float(shape.attrib["y"]), int(shape.attrib[f"{_FG}x"]), int(shape.attrib[f"{_FG}w"]))


def keep_names(picture: Path) -> None:
    """Let the script of a picture cut the end of a long text: a frame begins with the name of its function."""
    text = picture.read_text(encoding="utf-8")
    picture.write_text(text.replace("var truncate_text_right = false;", "var truncate_text_right = true;"), "utf-8")


def samples(frames: list[Frame]) -> int:
    """Return how many samples were taken: the width of the widest frame."""
    return max((frame.width for frame in frames), default=0)


def self_times(frames: list[Frame]) -> Counter[str]:
    """Return the samples in which a function was the one that ran, and not one that it called."""
    times: Counter[str] = Counter()
    for frame in frames:
        times[frame.name] += frame.width
    rows = [sorted(row, key=_begin) for _, row in groupby(sorted(frames, key=_row), key=_row)]
    for callers, called in pairwise(rows):
        for frame in called:
            times[callers[bisect_right(callers, frame.begin, key=_begin) - 1].name] -= frame.width
    return times


def _row(frame: Frame) -> float:
    return frame.row


def _begin(frame: Frame) -> int:
    return frame.begin
