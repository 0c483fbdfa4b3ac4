import math
import random
import statistics

import pytest

from domain.report.model import ReportResult
from domain.report.statistics import CHUNK, summarize


def summary(values: list[float]) -> ReportResult:
    return summarize(values, lambda _: None)


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_the_figures_are_those_of_the_standard_library(count: int) -> None:
    values = [random.Random(count).gauss(100, 15) for _ in range(count)]  # noqa: S311 - test data
    result = summary(values)
    assert (result.count, result.min, result.max) == (count, min(values), max(values))
    assert result.mean == pytest.approx(statistics.fmean(values), rel=1e-12)
    assert result.median == pytest.approx(statistics.median(values), rel=1e-12)
    assert result.standard_deviation == pytest.approx(statistics.pstdev(values), rel=1e-9, abs=1e-12)
    if count > 1:
        p95 = statistics.quantiles(values, n=100, method="inclusive")[94]
        assert result.p95 == pytest.approx(p95, rel=1e-12)


def test_small_whole_numbers_are_exact() -> None:
    result = summary([1, 2, 3, 4])
    assert (result.mean, result.median, result.standard_deviation) == (2.5, 2.5, math.sqrt(1.25))


def test_each_value_is_counted_in_its_bin_and_the_last_bin_has_its_upper_edge() -> None:
    result = summary([*range(21)])
    assert result.histogram.edges == pytest.approx([*range(21)])
    assert result.histogram.counts == [1] * 19 + [2]


def test_equal_values_stand_in_the_middle() -> None:
    result = summary([7.0] * 5)
    assert (result.histogram.edges[0], result.histogram.edges[-1]) == (6.5, 7.5)
    assert result.histogram.counts[10] == 5
    assert (result.standard_deviation, result.p95) == (0, 7)


@pytest.mark.parametrize(
    "values",
    [
        [1.7976931348623157e308] * 3,
        [-1.7976931348623157e308, 1.7976931348623157e308],
        [5e-324, 5e-324, 0.0],
        [5e-324, 1.7976931348623157e308],
        [-1e308, -1e308, 1e308, 1e308, 1.0],
        [1e16, 1e16],
        [0.0, -0.0],
        [2.0**53, 2.0**53 + 2],
    ],
)
def test_finite_numbers_have_finite_statistics(values: list[float]) -> None:
    result = summary(values)
    figures = [result.mean, result.median, result.standard_deviation, result.p95, *result.histogram.edges]
    assert all(math.isfinite(figure) for figure in figures)
    assert min(values) <= result.mean <= max(values)
    assert min(values) <= result.median <= result.p95 <= max(values)
    assert sum(result.histogram.counts) == len(values)
    assert result.histogram.edges == sorted(result.histogram.edges)


def test_progress_grows_to_one() -> None:
    seen: list[float] = []
    summarize([1.0] * (2 * CHUNK + 1), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len(seen) == 9
