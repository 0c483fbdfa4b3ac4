"""Runs with a fault on the page of results."""

import shutil
from pathlib import Path

import pytest

from devkit.overview.reading import read

from .results_page import Strict, copied, page, row

OWN = Path(__file__).with_name("samples-chaos")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return copied(tmp_path, OWN)


def test_each_run_with_a_fault_has_its_figures_and_its_chart(reports: Path) -> None:
    text = page(reports)
    assert row(text, "poison") == "mq ✗ 1 lost, recovery 34 s 100 0 3.7 s 34.0 s 29 ms"
    assert row(text, "kill-mongo").startswith("mq ✓ kept 92 8 ")
    assert '<img src="chaos/mq-poison.svg"' in text
    assert "1 of 2</strong>" in text


def test_the_page_is_whole_and_links_the_charts_that_are_there(reports: Path) -> None:
    parser = Strict()
    parser.feed(page(reports))
    parser.close()
    assert parser.opened == []
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.sources) == {"chaos/mq-kill-mongo.svg", "chaos/mq-poison.svg"}
    for chart in reports.glob("chaos/*.svg"):
        chart.unlink()
    without = Strict()
    without.feed(page(reports))
    assert without.sources == []


@pytest.mark.parametrize("content", ["", "{", "[]", "<testsuites/>", '{"rows": 5}', "\udcff"])
def test_a_broken_file_is_named_and_hides_nothing_else(reports: Path, content: str) -> None:
    (reports / "chaos" / "mq-poison.json").write_text(content, errors="surrogateescape")
    text = page(reports)
    assert "mq-poison.json</span> cannot be read." in text
    assert row(text, "kill-mongo").startswith("mq ✓ kept 92 8 ")


def test_without_a_run_there_is_no_section(reports: Path) -> None:
    shutil.rmtree(reports / "chaos")
    assert "chaos" not in read(reports).measured
    assert 'id="chaos"' not in page(reports)
