import io

import pytest

from admin.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    progress = Progress("saved", pause=0)
    progress.add(1, 500_000)
    progress.add(1_999, 1_000_000)
    assert terminal.getvalue().count("\r") == 2
    assert "\n" not in terminal.getvalue()
    assert str(progress).startswith("saved 2,000 documents, 1.5 MB, ")


def test_elsewhere_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("saved").add(1, 1)
    assert capsys.readouterr().err == ""


def test_elsewhere_long_work_prints_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("saved", pause=0).add(1, 1)
    assert capsys.readouterr().err.endswith("/s\n")
