"""Git refuses what the quick checks refuse, once somebody has asked for it."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .copies import devkit, environ, git

pytestmark = pytest.mark.features
BAD = "libs/domain/src/domain/hello/bad.py"


@pytest.fixture
def hooked(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy with an environment, whose developer has asked for the hooks."""
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    programs = root / ".venv/bin"
    programs.mkdir(parents=True, exist_ok=True)
    # This Python, with the copy's packages.
    search = shlex.quote(environ(root)["PYTHONPATH"])
    (programs / "python").write_text(f'#!/bin/sh\nPYTHONPATH={search} exec {shlex.quote(sys.executable)} "$@"\n')
    (programs / "python").chmod(0o755)
    code, said = devkit(root, "hooks")
    assert code == 0, said
    return root


def commit(root: Path, text: str) -> tuple[int, str]:
    """Write a file and commit it; return the exit code and all that was said."""
    (root / BAD).write_text(text)
    git(root, "add", BAD)
    done = subprocess.run(
        ["git", "commit", "--quiet", "--message=work"], cwd=root, env=environ(root), capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_a_file_that_is_badly_formatted_is_not_committed_until_it_is_mended(hooked: Path) -> None:
    before = git(hooked, "rev-parse", "HEAD")
    code, said = commit(hooked, '"""Bad."""\n\nx   =  1\n')
    assert (code, git(hooked, "rev-parse", "HEAD")) == (1, before), said
    assert "bad.py" in said
    code, said = commit(hooked, '"""Good."""\n\nx = 1\n')
    assert code == 0, said
    assert git(hooked, "rev-parse", "HEAD~1") == before


def test_a_wrong_type_is_not_committed(hooked: Path) -> None:
    code, said = commit(hooked, '"""Bad."""\n\nx: int = "1"\n')
    assert code == 1
    assert "Incompatible types in assignment" in said


def test_without_them_git_commits_again(hooked: Path) -> None:
    assert devkit(hooked, "hooks", "--remove")[0] == 0
    assert commit(hooked, "x   =  1\n")[0] == 0


def test_without_a_repository_it_says_what_to_do(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    subprocess.run(["cp", "-r", root, folder], check=True)
    subprocess.run(["rm", "-r", folder / ".git"], check=True)
    code, said = devkit(folder, "hooks")
    assert (code, said) == (1, "error: there is no repository here: run `git init` first.\n")
    assert not os.path.exists(folder / ".git")
