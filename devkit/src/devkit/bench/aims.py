"""What a measurement is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from devkit.bench.figures import Figure
from devkit.terminal import say, table

# The exit code of a measurement that works and misses an aim by more than its spread.
MISSED = 1


@dataclass(frozen=True)
class Aim:
    """A figure and its limit, as text, whether it keeps the limit, and else whether its spread reaches the limit."""

    what: str
    measured: str
    limit: str
    kept: bool
    near: bool = False

    @property
    def verdict(self) -> str:
        """What is shown beside it."""
        if self.kept:
            return "kept"
        return "missed within the spread" if self.near else "MISSED"


def at_least(what: str, figure: Figure, limit: float, unit: str = "") -> Aim:
    """Return how a figure that should be high stands to its limit."""
    high = figure.median + figure.spread
    return Aim(what, f"{figure}{unit}", f"at least {limit:g}{unit}", figure.median >= limit, high >= limit)


def at_most(what: str, figure: Figure, limit: float, unit: str = "") -> Aim:
    """Return how a figure that should be low stands to its limit."""
    low = figure.median - figure.spread
    return Aim(what, f"{figure}{unit}", f"at most {limit:g}{unit}", figure.median <= limit, low <= limit)


def show(aims: Sequence[Aim], *, report_only: bool = False) -> int:
    """Print figures beside their limits; return MISSED if one misses its limit by more than its spread.

    With `report_only` that is marked all the same, and 0 is returned.
    """
    print(table(("", "measured", "aim", ""), [(aim.what, aim.measured, aim.limit, aim.verdict) for aim in aims]))
    if not any(aim.verdict == "MISSED" for aim in aims):
        return 0
    if report_only:
        say("note: an aim was missed; --report-only makes no failure of it.")
        return 0
    return MISSED
