"""What a measurement is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from devkit.terminal import table


@dataclass(frozen=True)
class Aim:
    """A figure and its limit, as text, and whether the figure keeps the limit."""

    what: str
    measured: str
    limit: str
    kept: bool


def show(aims: Sequence[Aim]) -> int:
    """Print figures beside their limits, and mark those that miss them; return 1 if one does."""
    rows = [(aim.what, aim.measured, aim.limit, "kept" if aim.kept else "MISSED") for aim in aims]
    print(table(("", "measured", "aim", ""), rows))
    return int(not all(aim.kept for aim in aims))
