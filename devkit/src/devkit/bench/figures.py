"""Figures of several rounds: their median, and how far they lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Figure:
    """The same measured in several rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.rounds)

    @property
    def low(self) -> float:
        """The lowest one."""
        return min(self.rounds)

    @property
    def high(self) -> float:
        """The highest one."""
        return max(self.rounds)

    @property
    def spread(self) -> float:
        """Half of the range in which the middle half of the rounds lies; 0 of a single one."""
        if len(self.rounds) == 1:
            return 0.0
        first, _, third = quantiles(self.rounds, method="inclusive")
        return (third - first) / 2

    def __str__(self) -> str:
        digits = 0 if self.median >= 100 else 1 if self.median >= 10 else 2
        return f"{self.median:.{digits}f} ± {self.spread:.{digits}f}"


def figure(rounds: Sequence[float]) -> Figure:
    """Return the figure of some rounds, of which there is at least one."""
    return Figure(tuple(rounds))


def ratio(own: Figure, other: Figure) -> Figure:
    """Return the ratio of two figures, round by round: what slows a whole round down slows both."""
    return Figure(tuple(each / beside for each, beside in zip(own.rounds, other.rounds, strict=True)))
