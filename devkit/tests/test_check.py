"""The checks before a commit."""

from pathlib import Path

import pytest

from devkit import check
from devkit.terminal import CommandError

from .conftest import git, run_in

LISTED = "from devkit.check import source_files; print(*source_files(), sep='\\n')"


@pytest.mark.parametrize("names", [["no-such-check"], ["lint", "no-such-check"]])
def test_an_unknown_check_is_one_clear_line(names: list[str]) -> None:
    with pytest.raises(CommandError, match="no such check: no-such-check; there are lint, "):
        check.run(names)


def test_without_a_repository_the_files_in_our_folders_are_checked(clone: Path) -> None:
    (clone / ".github").mkdir(exist_ok=True)
    (clone / ".github/tool.sh").touch()
    for made in (".venv/bin", ".nox/lint", "reports", "libs/common/__pycache__"):
        (clone / made).mkdir(parents=True)
        (clone / made / "made.sh").write_text("#!/bin/sh\n")
    done = run_in(clone, "-c", LISTED)
    assert (done.returncode, done.stderr) == (0, "")
    listed = set(done.stdout.splitlines())
    assert {".github/tool.sh", "devkit/src/devkit/check.py", "deploy/servers/mongo.conf"} <= listed
    assert not [name for name in listed if name.endswith("made.sh")]


def test_with_a_repository_only_what_is_committed_is_checked(repository: Path) -> None:
    (repository / "new.sh").write_text("#!/bin/sh\n")
    listed = run_in(repository, "-c", LISTED).stdout.splitlines()
    assert sorted(listed) == sorted(git(repository, "ls-files").splitlines())


def test_a_repository_that_cannot_be_read_is_one_clear_line(clone: Path) -> None:
    (clone / ".git").mkdir()
    done = run_in(clone, "-m", "devkit", "lint")
    assert done.returncode == 1
    assert done.stderr.startswith("error: `git ls-files` failed: ")
    assert "Traceback" not in done.stderr
