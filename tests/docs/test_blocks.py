"""Every block of commands in a document is run as it stands there, or says who runs it or why nobody does."""

import re
import subprocess
from pathlib import Path

import pytest

from .blocks import (
    MARKS,
    ROOT,
    TRANSLATION,
    Block,
    blocks,
    main,
    pages,
    run_by,
    run_here,
    script,
    sessions,
    translations,
)
from .conftest import Scratch

# One shell, `sh`; without a language a block could hide commands.
LANGUAGES = {"sh", "text", "python", "js", "json", "ini", "yaml"}
# Who runs blocks by collecting them.
NEWCOMERS = {"a newcomer with uv", "a newcomer without uv", "a newcomer for the tests"}
RUNNERS = sessions() | {"a running stack"} | NEWCOMERS

ALL = [each for page in pages() for each in blocks(page)]
COMMANDS = [each for each in ALL if each.language == "sh"]


@pytest.mark.integration
@pytest.mark.parametrize("page", [page for page in pages() if run_here(page)])
def test_the_commands_of_a_document_work_as_they_stand_there(page: str, scratch: Scratch) -> None:
    done = scratch.bash(script(run_here(page)))
    assert done.returncode == 0, done.stdout
    # A prompt goes on after an error.
    assert "Traceback" not in done.stdout, done.stdout


def test_every_fence_is_a_block_and_says_its_language() -> None:
    for page in pages():
        fences = len(re.findall(r"(?m)^\s*(?:```|~~~)", (ROOT / page).read_text(encoding="utf-8")))
        assert fences == 2 * len(blocks(page)), page
    assert [f"{each.place}: {each.language or 'no language'}" for each in ALL if each.language not in LANGUAGES] == []


def test_every_mark_is_known_has_a_value_and_stands_above_what_it_is_for() -> None:
    for each in ALL:
        assert each.kind in ("", *MARKS), each.place
        assert bool(each.kind) == bool(each.value), f"{each.place}: a mark says why, who or where"
        if each.kind in ("not run", "run by", "exits with"):
            assert each.language == "sh", each.place
        if each.kind == "exits with":
            assert len(each.commands()) == 1, each.place
        if each.kind in ("file", "said by"):
            assert each.language != "sh", each.place
    for page in pages():
        text = (ROOT / page).read_text(encoding="utf-8")
        marks = re.findall(rf"<!-- (?:{'|'.join(MARKS)}):", text)
        assert len(marks) == sum(bool(each.kind) for each in blocks(page)), f"{page}: a mark without its block"


def test_a_reason_is_a_sentence_and_most_blocks_are_run() -> None:
    not_run = [each for each in COMMANDS if each.kind == "not run"]
    assert [each.place for each in not_run if len(each.value.split()) < 3] == []
    assert len(not_run) <= len(COMMANDS) / 3, "\n".join(f"{each.place}: {each.value}" for each in not_run)


@pytest.mark.parametrize("block", [each for each in COMMANDS if each.kind == "run by"], ids=lambda each: each.place)
def test_who_is_said_to_run_a_block_does(block: Block) -> None:
    if block.value in RUNNERS:
        assert block in run_by(block.value) or block.page in translations()
        return
    places = ROOT.glob(".ci/*") if block.value == "CI" else [ROOT / block.value]
    text = "".join(path.read_text(encoding="utf-8") for path in places)
    assert [each for each in block.commands() if each not in text] == []


def test_a_session_runs_what_is_marked_for_it() -> None:
    places = [ROOT / "noxfile.py", *ROOT.glob(".ci/*"), *ROOT.glob("devkit/tests/*/*.py")]
    texts = [path.read_text(encoding="utf-8") for path in places]
    for name in {each.value for each in ALL if each.kind == "run by"} & sessions():
        assert run_by(name)
        assert any(re.search(rf"tests\.docs\.blocks\W+--run\W+{name}\b", text) for text in texts), name


def test_ci_types_what_is_marked_for_a_newcomer_as_it_stands_in_each_readme() -> None:
    script = (ROOT / ".ci" / "newcomer").read_text(encoding="utf-8")
    assert {each.value for each in run_by_newcomers("README.md")} == NEWCOMERS
    for page in ("README.md", TRANSLATION):
        assert len(run_by_newcomers(page)) == len(NEWCOMERS)
    assert "tests.docs.blocks --page" in script
    assert "--show" in script
    assert [each for each in NEWCOMERS if each not in script] == []


def run_by_newcomers(page: str) -> list[Block]:
    return [each for each in blocks(page) if each.value in NEWCOMERS]


def test_a_block_that_another_program_types_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--show", "a newcomer with uv"]) == 0
    assert capsys.readouterr().out == "uvx invoke dev\n"


def test_a_failing_command_is_named_with_its_place(tmp_path: Path) -> None:
    written = Block("docs/x.md", 5, "text", "a 'quote' and $HOME\n", "file", "new/file.txt")
    commands = [
        Block("docs/x.md", number, "sh", text, "", "") for number, text in ((7, "cat new/*\n"), (12, "false\n"))
    ]
    bash = ["bash", "-c", script([written, *commands])]
    done = subprocess.run(bash, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "a 'quote' and $HOME\n" in done.stdout
    assert done.stderr == "docs/x.md:12: exit code 1 of: false\n"


@pytest.mark.parametrize(("expected", "outcome"), [("3", 0), ("2", 1)])
def test_a_command_that_must_fail_is_held_to_its_exit_code(expected: str, outcome: int) -> None:
    bash = ["bash", "-c", script([Block("docs/x.md", 7, "sh", "sh -c 'exit 3' # three\n", "exits with", expected)])]
    assert subprocess.run(bash, capture_output=True, check=False).returncode == outcome


def test_what_is_not_run_here_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == sum(bool(each.kind) for each in COMMANDS)


def test_a_runner_without_blocks_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--run", "no-such-runner"]) == 1
    assert "0 blocks" in capsys.readouterr().out


def test_no_document_puts_a_secret_on_a_command_line() -> None:
    """A variable that an option or an argument is made of is read by everybody who lists the processes."""
    shown = re.compile(r"(?i)--env[= ]\"?\w+=|--password|change_password +\S+ +[^\s|;]|requirepass|-p\"?\$|:\$\w*pass")
    pages = ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
    found = [each.place for page in pages for each in blocks(page) if each.language == "sh" and shown.search(each.text)]
    assert found == []
