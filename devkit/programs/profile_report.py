"""Print the top of a profile, our own code first, and draw its picture unless graphviz has done so."""

import json
import pstats
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import flameprof  # type: ignore[import-untyped] # it has no types

ROWS = 20
TOP = 5
# Our own functions, by where their files are; tests are not what is measured.
OWN = r"(libs|services)/[^/]+/src/"


def main(folder: Path, reports: Path | None = None) -> int:
    """Report on `combined.prof` in a folder; the picture beside it is `combined.svg`. A copy goes to `reports`."""
    profile, picture = folder / "combined.prof", folder / "combined.svg"
    stats = pstats.Stats(str(profile)).sort_stats("cumulative")
    print(f"Our own functions, by the time spent in them and below, of {_seconds(stats):.1f} s:")
    stats.print_stats(OWN, ROWS)
    if not picture.exists():
        _draw(stats, picture)
    root = ET.parse(picture).getroot()  # noqa: S314 - drawn just now from our own numbers
    shapes = sum(
        1 for element in root.iter() if element.tag.rpartition("}")[2] in ("rect", "polygon", "path", "ellipse")
    )
    print(f"{profile}: see also `python -m pstats {profile}`\n{picture}: {shapes} shapes")
    if reports is not None:
        shutil.copy(picture, reports / "profile-tests.svg")
        text = json.dumps(_for_programs(stats), indent=2)
        (reports / "profile-tests.json").write_text(f"{text}\n", encoding="utf-8")
    return 0 if shapes > 1 else 1


def _for_programs(stats: pstats.Stats) -> dict[str, object]:
    """Return the time of all, and the shares of our own functions with all that they call."""
    total = _seconds(stats)
    shares = [
        (cumulative / total, f"{name} ({Path(path).parent.name}/{Path(path).name}:{line})")
        for (path, line, name), (_, _, _, cumulative, _) in vars(stats)["stats"].items()
        if re.search(OWN, path)
    ]
    return {
        "of": "tests",
        "seconds": round(total, 1),
        "top": [(name, share) for share, name in sorted(shares)[: -TOP - 1 : -1]],
    }


def _draw(stats: pstats.Stats, picture: Path) -> None:
    # flameprof divides by the time of calls, and some are too short to have any.
    shortest = 1e-9
    functions = {
        function: (*numbers, {caller: (*call[:3], max(call[3], shortest)) for caller, call in callers.items()})
        for function, (*numbers, callers) in vars(stats)["stats"].items()
    }
    with picture.open("w", encoding="utf-8") as stream:
        flameprof.render(functions, stream)


def _seconds(stats: pstats.Stats) -> float:
    # The type hints of the standard library do not know this attribute.
    return float(vars(stats)["total_tt"])


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
