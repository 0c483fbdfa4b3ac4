"""The statistics of a list of numbers, in chunks, so that the caller can tell how far they are.

Finite numbers have finite statistics: nothing here adds or squares numbers as large as they came, for the sum of two
finite numbers may be infinite, and JSON has no word for that.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from domain.report.model import Histogram, ReportResult

CHUNK = 5000
BINS = 20
PASSES = 3


def summarize(values: Sequence[float], progress: Callable[[float], None]) -> ReportResult:
    """Return the statistics of at least one finite number; call `progress` with 0 to 1 after each chunk."""
    ordered = sorted(values)
    chunks = _Chunks(ordered, progress)
    mean, deviation = _mean_and_deviation(chunks, len(ordered))
    edges = bin_edges(ordered[0], ordered[-1])
    counts = [0] * BINS
    for chunk in chunks:
        for value in chunk:
            counts[min(bisect_right(edges, value) - 1, BINS - 1)] += 1
    return ReportResult(
        count=len(ordered),
        min=ordered[0],
        max=ordered[-1],
        mean=mean,
        median=percentile(ordered, 0.5),
        standard_deviation=deviation,
        p95=percentile(ordered, 0.95),
        histogram=Histogram(edges=edges, counts=counts),
    )


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Return the value below which a fraction of the ordered numbers lies, interpolated linearly.

    Hyndman and Fan's definition 7, the one spreadsheets and numpy use by default.
    """
    position = (len(ordered) - 1) * fraction
    below = math.floor(position)
    return _between(ordered[below], ordered[min(below + 1, len(ordered) - 1)], position - below)


def bin_edges(low: float, high: float) -> list[float]:
    """Return the edges of twenty bins of equal width; where all numbers are equal, half a unit to each side of them."""
    if low == high:
        low, high = low - 0.5, high + 0.5
    # Sorted, for between two neighbouring numbers the rounding goes either way.
    return sorted([low, *(_between(low, high, step / BINS) for step in range(1, BINS)), high])


def _mean_and_deviation(chunks: "_Chunks", count: int) -> tuple[float, float]:
    """Scaled by a power of two, which is exact, to less than one, so that neither sum nor squares overflow."""
    exponent = chunks.exponent
    mean = math.fsum(math.fsum(math.ldexp(value, -exponent) for value in chunk) for chunk in chunks) / count
    squares = math.fsum(math.fsum((math.ldexp(value, -exponent) - mean) ** 2 for value in chunk) for chunk in chunks)
    return math.ldexp(mean, exponent), math.ldexp(math.sqrt(squares / count), exponent)


def _between(low: float, high: float, fraction: float) -> float:
    """Return a point between two numbers, never beyond them, also where `high - low` is infinite."""
    point = low * (1 - fraction) + high * fraction
    return min(max(point, low), high)


class _Chunks:
    """The ordered numbers in chunks; each turn through them is one pass, and every chunk is told as progress."""

    def __init__(self, ordered: Sequence[float], progress: Callable[[float], None]) -> None:
        self._ordered = ordered
        self._progress = progress
        self._seen = 0

    @property
    def exponent(self) -> int:
        return max(math.frexp(self._ordered[0])[1], math.frexp(self._ordered[-1])[1])

    def __iter__(self) -> Iterator[Sequence[float]]:
        for start in range(0, len(self._ordered), CHUNK):
            chunk = self._ordered[start : start + CHUNK]
            yield chunk
            self._seen += len(chunk)
            self._progress(self._seen / (PASSES * len(self._ordered)))
