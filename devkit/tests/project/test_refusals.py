"""Products that cannot be made, and making that is interrupted or killed: nothing half done is left."""

import os
import signal
import time
from pathlib import Path

import pytest

from devkit.capability.declaration import STARTER, capabilities, with_users
from devkit.project.make import refuse_full
from devkit.terminal import CommandError

from ..features.copies import ROOT, run, run_here
from .starting import refusal, started

pytestmark = pytest.mark.features
THERE = capabilities(ROOT)
# A capability that another one needs, if there is such a one: it cannot be left out alone.
NEEDED = [name for name in THERE if name != STARTER and len(with_users([STARTER, name], THERE)) > 2][:1]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Zebra", "holds a capital"),
        ("9lives", "begins with a digit"),
        ("a b", "holds ' '"),
        ("a$b", "holds '$'"),
        ("{{ x }}", "holds '{'"),
        ("a\nb", r"holds '\n'"),
        ("z" * 200, "200 characters"),
        ("ze\N{ZEBRA FACE}bra", "holds"),
        ("class", "is a word of Python"),
        ("admin", "is a database of MongoDB's own"),
    ],
)
def test_a_name_that_cannot_be_is_told_its_rule(starter: Path, tmp_path: Path, name: str, rule: str) -> None:
    assert rule in refusal(starter, str(tmp_path / "made"), f"--name={name}", "--yes")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["note", "api", "devkit"])
def test_a_name_that_something_here_has_is_refused(starter: Path, tmp_path: Path, name: str) -> None:
    assert f"{name!r} is a" in refusal(starter, str(tmp_path / "made"), f"--name={name}", "--yes")
    assert os.listdir(tmp_path) == []


def test_a_name_that_is_a_word_of_the_product_is_refused_by_the_task_and_nothing_is_left(
    starter: Path, tmp_path: Path
) -> None:
    done = started(starter, str(tmp_path / "made"), "--name=flask", "--yes")
    output = done.communicate(timeout=300)[0]
    assert (done.returncode, os.listdir(tmp_path)) == (1, []), output
    assert "error: 'flask' is a word that stands in " in output
    assert "Traceback" not in output, output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{}/full",), "is there already and not empty"),
        (("{}/file",), "is there already and not empty"),
        (("{}/none/made",), "is no folder: make it first"),
        (("inside",), "is inside of this repository"),
        (("{}/made", "--features", "hello,nothing"), "there is no feature 'nothing'"),
        (("{}/made", "--without", "nothing"), "there is no capability 'nothing'"),
        *((("{}/made", "--without", name), f" needs {name}: leave ") for name in NEEDED),
        (("{}/made", "--port", "80"), "is not a whole number from 1024 to 65526"),
        (("{}/made", "--port", "65535"), "is not a whole number from 1024 to 65526"),
        (("{}/made", "--port", "many"), "is not a whole number from 1024 to 65526"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(
    starter: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    (tmp_path / "file").touch()
    assert said in refusal(starter, *(word.format(tmp_path) for word in arguments), "--name=q9-other", "--yes")
    assert sorted(os.listdir(tmp_path)) == ["file", "full"]


def test_what_is_not_committed_is_refused_and_taken_along_with_force(starter: Path, tmp_path: Path) -> None:
    mine = starter / "libs/mine.txt"
    mine.write_text("mine", encoding="utf-8")
    try:
        assert "commit them first" in refusal(starter, str(tmp_path / "q9-other"), "--yes")
        run_here(starter, "-m", "devkit", "new", "project", str(tmp_path / "q9-other"), "--yes", "--force")
    finally:
        mine.unlink()
    assert (tmp_path / "q9-other/libs/mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_an_interrupted_command_leaves_no_half_product_and_the_same_works_again(
    starter: Path, tmp_path: Path, number: signal.Signals
) -> None:
    made = tmp_path / "q9-other"
    done = started(starter, str(made), "--yes")
    unfinished = tmp_path / ".q9-other.unfinished"
    end = time.monotonic() + 120
    while not (unfinished / "q9-other/devkit").exists():
        assert done.poll() is None, done.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.05)
    # To the whole group, as a terminal sends Ctrl-C.
    os.killpg(done.pid, number)
    output = done.communicate(timeout=60)[0]
    assert done.returncode != 0
    assert not made.exists()
    if number == signal.SIGINT:
        assert (done.returncode, os.listdir(tmp_path)) == (130, []), output
        assert "Traceback" not in output, output
        return
    run_here(starter, "-m", "devkit", "new", "project", str(made), "--yes")
    assert os.listdir(tmp_path) == ["q9-other"]
    assert run(made, "git", "status", "--porcelain") == ""


def test_a_full_disk_is_told_before_anything_is_made(tmp_path: Path) -> None:
    refuse_full(tmp_path, needed=1)
    with pytest.raises(CommandError, match=rf"{tmp_path} has \d+ MB free, and 4398046511104 MB are needed"):
        refuse_full(tmp_path, needed=1 << 62)
