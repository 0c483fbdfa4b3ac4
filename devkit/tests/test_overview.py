"""The page of `invoke check-all`, from results as the real tools write them."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.commands.check_all import check_all
from devkit.overview.page import About
from devkit.overview.reading import STEPS as MEASURED
from devkit.overview.reading import read
from devkit.overview.results import Results

from .conftest import ROOT, Refusal, eventually, private_environ, run_in
from .results_page import ABOUT, SAMPLES, STEPS, Strict, page, row
from .started import Spawn


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Results of all steps but one, as the tools have written them."""
    return Path(shutil.copytree(SAMPLES, tmp_path / "reports"))


def test_each_step_stands_there_with_its_state_and_its_main_figure(reports: Path) -> None:
    text = page(reports)
    assert row(text, "lint").startswith("✓ passed 1 s")
    assert row(text, "tests-3.11").startswith("✗ failed 3 passed, 2 failed, 1 skipped 14 s")
    assert row(text, "tests-3.13") == "○ not run"
    assert row(text, "coverage").startswith("✓ passed 44.5 % 28 s")
    assert row(text, "profile").startswith("✓ passed 23.4 s of tests without servers")


def test_the_title_and_the_banner_name_what_has_failed(reports: Path) -> None:
    text = page(reports)
    assert "<title>a&lt;b 1.2.3: failed: tests-3.11</title>" in text
    assert "Failed: tests-3.11</p>" in text


def test_nothing_failed_and_everything_passed_are_different(reports: Path) -> None:
    outcome = reports / "outcome-tests-3.11.json"
    outcome.write_text(outcome.read_text().replace("false", "true"))
    assert "not everything was run: tests-3.13</title>" in page(reports)
    shutil.copy(reports / "outcome-tests-3.11.json", reports / "outcome-tests-3.13.json")
    assert row(page(reports), "tests-3.13").startswith("✗ no result")
    shutil.copy(reports / "tests-3.11.xml", reports / "tests-3.13.xml")
    assert ": everything passed</title>" in page(reports)


def test_failed_and_skipped_tests_stand_there_once_with_all_reasons_and_slow_ones_with_their_time(
    reports: Path,
) -> None:
    suite = read(reports).tests["tests-3.11"]
    assert [name for name, _ in suite.failed] == ["test_some.test_wrong", "test_some.test_wrong_twice"]
    assert suite.failed[1][1].splitlines()[1] == 'failed on teardown with "RuntimeError: the end failed too"'
    assert suite.skipped == [("test_some.test_skipped", "there is no <server> & here")]
    assert suite.slowest == [("test_some.test_slow", 0.304)]
    assert "tests-3.11 test_some.test_wrong_twice" in page(reports)


def test_the_toolbox_is_a_step_with_tests_of_its_own(reports: Path) -> None:
    about = About(**{**vars(ABOUT), "steps": (*STEPS, "devkit")})
    shutil.copy(reports / "outcome-types.json", reports / "outcome-devkit.json")
    assert row(page(reports, about), "devkit").startswith("✗ no result")
    shutil.copy(reports / "tests-3.11.xml", reports / "devkit.xml")
    assert row(page(reports, about), "devkit").startswith("✓ passed 3 passed, 2 failed, 1 skipped")
    assert "tests on one Python" in page(reports, about)


def test_whatever_comes_in_is_escaped(reports: Path) -> None:
    text = page(reports)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "there is no &lt;server&gt; &amp; here" in text
    assert "(fix: &lt;i&gt;all&lt;/i&gt;)" in text


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.[jx]*")))
@pytest.mark.parametrize("content", ["", "{", "[]", "<testsuites/>", '{"rows": 5}', "\udcff"])
def test_a_broken_file_is_named_and_hides_nothing_else(reports: Path, name: str, content: str) -> None:
    (reports / name).write_text(content, errors="surrogateescape")
    text = page(reports)
    assert f"{name}</span> cannot be read." in text
    assert "<title>a&lt;b 1.2.3: failed: " in text
    assert row(text, "lint") or name == "outcome-lint.json"


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.[jx]*")))
def test_a_missing_file_is_no_passed_step(reports: Path, name: str) -> None:
    (reports / name).unlink()
    assert read(reports).broken == {}
    step = name.rpartition(".")[0].removeprefix("outcome-")
    step = "profile" if step == "profile-tests" else step
    # The live profile belongs to no step.
    assert step == "profile-api" or not row(page(reports), step).startswith("✓ passed")


def test_without_any_result_all_is_not_run(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert all(row(text, step) == "○ not run" for step in STEPS)
    assert read(tmp_path) == Results()


def test_an_old_result_is_told_from_one_of_this_commit(reports: Path) -> None:
    about = About(**{**vars(ABOUT), "committed": 1_700_000_000})
    os.utime(reports / "outcome-lint.json", (1_600_000_000, 1_600_000_000))
    text = page(reports, about)
    assert "before the last commit" in row(text, "lint")
    assert "before the last commit" not in row(text, "types")


def test_the_page_is_whole_and_asks_for_nothing_from_elsewhere(reports: Path) -> None:
    for name in ("profile-tests.svg", "profile-api.svg", "coverage/index.html"):
        (reports / name).parent.mkdir(exist_ok=True)
        (reports / name).write_text("")
    parser = Strict()
    parser.feed(page(reports))
    parser.close()
    assert parser.opened == []
    assert len(parser.ids) == len(set(parser.ids))
    assert set(parser.sources) == {"profile-tests.svg", "profile-api.svg", "coverage/index.html"}


def test_a_file_that_does_not_exist_is_not_linked(reports: Path) -> None:
    parser = Strict()
    parser.feed(page(reports))
    assert parser.sources == []


def contrasts() -> Iterator[tuple[str, str, str]]:
    """The pairs of text and background of both colour schemes."""
    css = (ROOT / "devkit/src/devkit/overview" / "page.css").read_text()
    for scheme in re.findall(r":root \{(.*?)\}", css, re.DOTALL):
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", scheme))
        for text, back in (("text", "back"), ("text", "card"), ("soft", "back"), ("soft", "card"), ("link", "card")):
            yield f"{text} on {back}", colours[text], colours[back]
        for kind in ("good", "bad", "idle"):
            yield kind, colours[kind], colours[f"{kind}-back"]


def luminance(colour: str) -> float:
    """As WCAG 2.1 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
    parts = [int(digits[begin : begin + 2], 16) / 255 for begin in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("what", "text", "back"), list(contrasts()))
def test_text_can_be_read_in_light_and_dark(what: str, text: str, back: str) -> None:
    darker, lighter = sorted((luminance(text), luminance(back)))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("skip", ["no-such-step", "lint,no-such-step"])
def test_an_unknown_step_to_skip_is_one_clear_line(skip: str, refusal: Refusal) -> None:
    said = refusal(check_all, f"--skip={skip}")
    assert "--skip=no-such-step is not known: choose from lint, types" in said


FAKE_NOX = """#!{python}
import json, pathlib, sys, time
if "--list-sessions" in sys.argv:
    names = [("lint", "lint"), ("types", "types"), ("coverage", "coverage")]
    names += [("tests", f"tests-{{python}}") for python in ("3.11", "3.12")]
    print(json.dumps([dict(name=name, session=session) for name, session in names]))
    sys.exit()
reports = pathlib.Path("reports")
reports.joinpath("ran").write_text(" ".join(sys.argv[1:]))
if reports.joinpath("wait").exists():
    time.sleep(60)
for step, passed in (("lint", "false"), ("tests-3.11", "true")):
    text = '{{"name": "%s", "passed": %s, "seconds": 1}}' % (step, passed)
    reports.joinpath(f"outcome-{{step}}.json").write_text(text)
sys.exit(1)
"""


@pytest.fixture
def with_nox(clone: Path) -> Path:
    """A copy of the repository where nox does next to nothing, and fails."""
    (clone / "bin").mkdir()
    (clone / "bin" / "nox").write_text(FAKE_NOX.format(python=sys.executable))
    (clone / "bin" / "nox").chmod(0o755)
    (clone / "reports").mkdir()
    return clone


def test_a_step_that_fails_sets_the_exit_code_and_the_page_is_made(with_nox: Path) -> None:
    reports = with_nox / "reports"
    for name in ("outcome-tests-3.12.json", "outcome-types.json", *(f"outcome-{step}.json" for step in MEASURED)):
        (reports / name).write_text('{"name": "old", "passed": true, "seconds": 1}')
    path = f"{with_nox / 'bin'}:{os.environ['PATH']}"
    done = run_in(with_nox, "-m", "devkit", "check-all", "--skip", ", ".join(["types", *MEASURED]), PATH=path)
    assert done.returncode == 1, done.stderr
    assert "reports/index.html" in done.stderr
    assert (reports / "ran").read_text() == "--session lint tests-3.11 tests-3.12 coverage profile"
    text = (reports / "index.html").read_text()
    assert row(text, "lint").startswith("✗ failed")
    assert row(text, "types").startswith("✓ passed"), "what was skipped keeps its last result"
    assert row(text, "tests-3.12") == "○ not run", "an older result is none of this run"


def test_ctrl_c_ends_the_step_that_runs_and_makes_no_page(with_nox: Path, spawn: Spawn) -> None:
    reports = with_nox / "reports"
    (reports / "wait").touch()
    environ = {**private_environ(with_nox), "PATH": f"{with_nox / 'bin'}:{os.environ['PATH']}"}
    process = spawn(
        [sys.executable, "-m", "devkit", "check-all"], cwd=with_nox, env=environ, stderr=subprocess.PIPE, text=True
    )
    eventually((reports / "ran").exists)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "interrupted"
    assert not (reports / "index.html").exists()
