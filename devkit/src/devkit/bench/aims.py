"""What a measurement is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from devkit.terminal import table

# The exit code of a measurement that works and misses an aim; 1 is one that does not work.
MISSED = 3


@dataclass(frozen=True)
class Aim:
    """A figure and its limit, as text, and whether the figure keeps the limit."""

    what: str
    measured: str
    limit: str
    kept: bool


def show(aims: Sequence[Aim]) -> int:
    """Print figures beside their limits, and mark those that miss them; return MISSED if one does."""
    rows = [(aim.what, aim.measured, aim.limit, "kept" if aim.kept else "MISSED") for aim in aims]
    print(table(("", "measured", "aim", ""), rows))
    return 0 if all(aim.kept for aim in aims) else MISSED
