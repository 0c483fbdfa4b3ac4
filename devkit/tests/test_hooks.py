"""Tests and tools that a git hook or another project's shell starts leave the repository of that hook alone."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import GIT, ROOT, git, run_in

pytestmark = pytest.mark.integration

# They make repositories, configure them, commit, tag and push.
CHOSEN = (
    "devkit/tests/test_backup.py::test_backups_are_neither_committed_nor_cleaned",
    "devkit/tests/test_release.py::test_a_tag_that_is_named_like_the_branch_changes_nothing",
    "devkit/tests/test_hooks.py::test_a_release_keeps_to_its_own_repository",
)


def everything(root: Path) -> dict[str, bytes]:
    """All files of a repository, those below .git included."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def developers(tmp_path: Path) -> Path:
    """A developer's repository with one commit."""
    root = tmp_path / "developers"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "config", "user.name", "Grace Developer")
    git(root, "config", "user.email", "grace@work.example")
    (root / "work.txt").write_text("one\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "begin")
    return root


def pointing_to(root: Path) -> dict[str, str]:
    """What git hands to the hooks of a repository, all of it at once."""
    identity = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    places = {"GIT_DIR": f"{root}/.git", "GIT_WORK_TREE": str(root), "GIT_INDEX_FILE": f"{root}/.git/index"}
    dates = {"GIT_AUTHOR_DATE": "1000000000 +0000", "GIT_COMMITTER_DATE": "1000000000 +0000"}
    config = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bare", "GIT_CONFIG_VALUE_0": "true"}
    return identity | places | dates | config


def test_a_part_of_the_tests_run_by_a_hook_leaves_its_repository_alone(developers: Path, tmp_path: Path) -> None:
    hook, log = developers / ".git" / "hooks" / "pre-commit", tmp_path / "log"
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command = shlex.join([*pytest_here, f"--basetemp={tmp_path / 'inner'}", "-m", "", *CHOSEN])
    # A commit that the tests make here by mistake would start the hook again, and so on.
    once = '[ -z "$IN_THE_HOOK" ] || exit 1\nexport IN_THE_HOOK=1'
    hook.write_text(f"#!/bin/sh\n{once}\nenv >{tmp_path}/environ\ncd {ROOT} && exec {command} >{log} 2>&1\n")
    hook.chmod(0o755)
    (developers / "work.txt").write_text("two\n")
    config = (developers / ".git" / "config").read_bytes()
    # Named in full, git passes its folder on to the hook, as it does in a linked working tree.
    places = [f"--git-dir={developers}/.git", f"--work-tree={developers}", "-c", "user.name=Hook"]
    done = subprocess.run(
        ["git", *places, "commit", "--quiet", "--all", "--message", "by a hook"],
        cwd=developers,
        env={**os.environ, **GIT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "GIT_DIR=" in (tmp_path / "environ").read_text()
    assert done.returncode == 0, log.read_text() + done.stderr
    assert f"{len(CHOSEN)} passed" in log.read_text()
    assert git(developers, "log", "--format=%an %s") == "Hook by a hook\nGrace Developer begin"
    assert git(developers, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert git(developers, "ls-files") == "work.txt"
    assert git(developers, "status", "--porcelain") == ""
    assert (developers / ".git" / "config").read_bytes() == config


def test_a_release_keeps_to_its_own_repository(developers: Path, repository: Path) -> None:
    before = everything(developers)
    commits = int(git(repository, "rev-list", "--count", "HEAD"))
    released = ("-m", "devkit", "release", "--no-build", "--no-test", "--version", "0.2.0")
    done = run_in(repository, *released, **GIT, **pointing_to(developers))
    assert done.returncode == 0, done.stderr
    assert everything(developers) == before
    assert git(repository, "tag") == "v0.2.0"
    assert int(git(repository, "rev-list", "--count", "HEAD")) == commits + 1
    assert "2001" not in git(repository, "log", "-1", "--format=%ad %cd")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from devkit.check import source_files; print('tasks.py' in source_files())", "False"),
        ("from devkit.git import asked; print(asked('rev-parse', 'HEAD'))", "{head}"),
    ],
    ids=["check", "git"],
)
def test_a_tool_asks_the_repository_it_lies_in(developers: Path, repository: Path, code: str, expected: str) -> None:
    run = f"from devkit.terminal import run_command; run_command(lambda: exec({code!r}))"
    done = run_in(repository, "-c", run, **pointing_to(developers))
    assert done.stdout.strip() == expected.format(head=git(repository, "rev-parse", "HEAD")), done.stderr
