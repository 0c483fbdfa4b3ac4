"""Figures of speed on the page of results."""

import shutil
from pathlib import Path

import pytest

from devkit.overview.reading import read

from .results_page import Strict, copied, page, row

OWN = Path(__file__).with_name("samples-bench")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return copied(tmp_path, OWN)


def test_each_figure_stands_beside_those_of_others_and_each_aim_beside_what_was_measured(reports: Path) -> None:
    text = page(reports)
    assert row(text, "document by id") == "300 ± 5 600 ± 9"
    assert row(text, "document") == "0.50 ± 0.01 x at least 0.85 x ✗ MISSED"
    assert "a machine, 2 cores" in text
    assert "fastapi (peer) 0.165.0" in text
    assert "1 of 2</strong>" in text


def test_the_page_is_whole_and_shows_the_plot_that_is_there(reports: Path) -> None:
    parser = Strict()
    parser.feed(page(reports))
    parser.close()
    assert parser.opened == []
    assert set(parser.sources) == {"bench/api.svg"}
    (reports / "bench" / "api.svg").unlink()
    without = Strict()
    without.feed(page(reports))
    assert without.sources == []


def test_without_a_measurement_there_is_no_section(reports: Path) -> None:
    shutil.rmtree(reports / "bench")
    assert "bench" not in read(reports).measured
    assert 'id="bench"' not in page(reports)
