"""The figures of simulated users on the page of results."""

from pathlib import Path

import pytest

from devkit.overview.page import About
from devkit.overview.reading import read

from .results_page import ABOUT, STEPS, Strict, copied, page, row

OWN = Path(__file__).with_name("samples-stress")
WITH_STRESS = About(**{**vars(ABOUT), "steps": (*STEPS, "stress")})


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return copied(tmp_path, OWN)


def test_the_step_stands_there_with_its_state_and_its_main_figure(reports: Path) -> None:
    text = page(reports, WITH_STRESS)
    assert row(text, "stress").startswith("✗ failed 62 requests/s, p50 16 ms, p95 59 ms, 0 failed")
    assert "<title>a&lt;b 1.2.3: failed: tests-3.11, stress</title>" in text


@pytest.mark.parametrize("name", sorted(path.name for path in OWN.iterdir()))
@pytest.mark.parametrize("content", ["", "{", "[]", "<testsuites/>", '{"rows": 5}', "\udcff"])
def test_a_broken_file_is_named_and_hides_nothing_else(reports: Path, name: str, content: str) -> None:
    (reports / name).write_text(content, errors="surrogateescape")
    text = page(reports, WITH_STRESS)
    assert f"{name}</span> cannot be read." in text
    assert "<title>a&lt;b 1.2.3: failed: " in text
    assert row(text, "lint").startswith("✓ passed")


@pytest.mark.parametrize("name", sorted(path.name for path in OWN.iterdir()))
def test_a_missing_file_is_no_passed_step(reports: Path, name: str) -> None:
    outcome = reports / "outcome-stress.json"
    outcome.write_text(outcome.read_text().replace("false", "true"))
    assert row(page(reports, WITH_STRESS), "stress").startswith("✓ passed")
    (reports / name).unlink()
    assert read(reports).broken == {}
    assert not row(page(reports, WITH_STRESS), "stress").startswith("✓ passed")


def test_the_page_is_whole_and_links_the_plots_that_are_there(reports: Path) -> None:
    for sources in ([], ["stress.html", "stress.html"]):
        parser = Strict()
        parser.feed(page(reports, WITH_STRESS))
        parser.close()
        assert parser.opened == []
        assert len(parser.ids) == len(set(parser.ids))
        assert parser.sources == sources
        (reports / "stress.html").write_text("")
