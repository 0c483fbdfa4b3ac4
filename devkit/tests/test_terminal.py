"""Tables and colours: aligned everywhere, coloured on a terminal only."""

import io
import os
import subprocess
import sys

import pytest

from devkit.terminal import coloured, progress, table

from .conftest import ROOT


class Terminal(io.StringIO):
    """Stands for a terminal."""

    def isatty(self) -> bool:
        return True


ROWS = [("mongo", "mongodb://127.0.0.1:27017/?replicaSet=rs0"), ("a [bold] name", "-")]


def test_a_table_is_aligned_and_has_neither_colours_nor_spaces_at_the_ends_of_its_lines() -> None:
    assert table(("server", "url"), ROWS, io.StringIO()).splitlines() == [
        "server         url",
        "mongo          mongodb://127.0.0.1:27017/?replicaSet=rs0",
        "a [bold] name  -",
    ]


def test_a_long_line_is_neither_folded_nor_cut() -> None:
    assert table(("a", "b"), [("x" * 300, "y" * 300)], io.StringIO()).splitlines()[1] == f"{'x' * 300}  {'y' * 300}"


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[31m" in coloured("wrong", "red", Terminal())
    assert table(("server",), [("mongo",)], Terminal()).startswith("\x1b[1m")


def test_no_color_and_what_is_no_terminal_get_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert coloured("wrong", "red", io.StringIO()) == "wrong"
    monkeypatch.setenv("NO_COLOR", "1")
    assert coloured("wrong", "red", Terminal()) == "wrong"
    assert "\x1b" not in table(("server",), [("mongo",)], Terminal())


def test_long_work_has_a_bar_on_a_terminal_and_one_line_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with progress("posting", 8, stream) as show:
            show(2)
    assert file.getvalue() == "posting ...\n"
    assert "25%" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K"), "the bar goes away"


@pytest.mark.parametrize("words", [["--list"], ["dev", "--help"], ["--version"], ["capabilities"]], ids=" ".join)
def test_a_reader_that_has_gone_ends_a_command_quietly(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "devkit", *words], cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert done.stderr == b""
