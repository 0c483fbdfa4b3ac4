"""What is shown of a measurement: printed tables, and a file for the page of results with a chart beside it."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import psutil

from devkit import ROOT
from devkit.bench import aims, cores
from devkit.bench.aims import Aim
from devkit.bench.figures import Figure
from devkit.locked import entries
from devkit.templates import template
from devkit.terminal import say, table

WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 900, 330, 160, 22, 40
# Of the subjects, in the order in which they are named; the first is our own.
_COLOURS = ("#1f77b4", "#aec7e8", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b")
_TEMPLATE = template(Path(__file__).with_name("chart.svg.jinja"))


@dataclass(frozen=True)
class Table:
    """A table: the first column names the rows."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Bars:
    """Figures of one kind, which share a scale, by what they are of."""

    title: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Report:
    """One measurement with its aims."""

    name: str
    title: str
    tables: Sequence[Table]
    aims: Sequence[Aim]
    bars: Sequence[Bars]
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    # Whether what is measured may use the whole machine.
    spread_over_cores: bool = False

    def publish(self, folder: Path, *, report_only: bool) -> int:
        """Print it, write it to `bench/` in a folder of reports, and return the exit code."""
        about = machine(held=not self.spread_over_cores)
        print(about)
        print(", ".join(f"{name} {number}" for name, number in self.versions.items()))
        for each in self.tables:
            print(f"\n{each.title}")
            print(table(each.header, each.rows))
        print()
        code = aims.show(self.aims, report_only=report_only)
        for note in self.notes:
            say(f"note: {note}")
        path = folder / "bench" / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".svg").write_text(draw(self.title, self.bars), encoding="utf-8")
        content = {
            "name": self.name,
            "title": self.title,
            "machine": about,
            "versions": dict(self.versions),
            "tables": [asdict(each) for each in self.tables],
            "aims": [{**asdict(each), "verdict": each.verdict} for each in self.aims],
            "notes": list(self.notes),
        }
        path.write_text(f"{json.dumps(content, indent=2)}\n", encoding="utf-8")
        say(f"in full: {path}")
        return code


def machine(*, held: bool) -> str:
    """Return what the figures were measured on, in one line; `held` asks for processes that keep to their cores."""
    where = "processes held to cores" if held and cores.measured() else "processes on any core"
    count = len(cores.usable()) or os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release()}"
    return f"{_processor()}, {count} cores, {memory:.0f} GB, {system}, Python {platform.python_version()}, {where}"


def _processor() -> str:
    """Return the name of the processor, or of its kind where the system tells no name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), platform.machine())


def own_versions(*names: str) -> dict[str, str]:
    """Return the versions of libraries that the product runs on."""
    return {name: version(name) for name in names}


def peer_versions(*names: str) -> dict[str, str]:
    """Return the versions of libraries of the peers, as they are locked."""
    lock = (ROOT / "requirements" / "bench.txt").read_text(encoding="utf-8")
    return {f"{each.name} (peer)": each.version for each in entries(lock) if each.name in names}


def draw(title: str, groups: Sequence[Bars]) -> str:
    """Return an SVG document of horizontal bars, each with a line from its lowest to its highest round."""
    subjects = list(dict.fromkeys(name for group in groups for name in group.figures))
    drawn, y = [], _TOP
    for group in groups:
        top = max(each.high for each in group.figures.values()) or 1
        scale = (WIDTH - _LEFT - _RIGHT) / top
        bars = []
        for number, (name, each) in enumerate(group.figures.items()):
            bars.append(
                {
                    "name": name,
                    "text": str(each),
                    "y": y + _ROW * (number + 1),
                    "width": round(scale * each.median, 1),
                    "low": round(_LEFT + scale * each.low, 1),
                    "high": round(_LEFT + scale * each.high, 1),
                    "colour": _COLOURS[subjects.index(name) % len(_COLOURS)],
                }
            )
        drawn.append({"title": group.title, "y": y + 14, "bars": bars})
        y += _ROW * (len(bars) + 1) + 14
    return _TEMPLATE.render(title=title, groups=drawn, width=WIDTH, height=y, left=_LEFT, row=_ROW)
