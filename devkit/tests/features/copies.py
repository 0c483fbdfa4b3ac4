"""Copies of the repository without some of its features, as somebody has them who deletes by name."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from devkit.feature.delete import delete
from devkit.feature.delete import features as features_of

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted(str(path.relative_to(ROOT)) for pattern in ("devkit/src", "*/*/src") for path in ROOT.glob(pattern))
FEATURES = features_of(ROOT)
# Imports every test. None is run, so no assertion has to be rewritten, which takes as long as the rest.
COLLECT = ("-m", "pytest", "--collect-only", "-q", "--assert=plain", "-p", "no:cacheprovider")
# What a session of coverage or a developer's shell sets for its own processes is not for the copy's.
FOREIGN = ("COV", "PYTEST_", "PYTHONPATH", "VIRTUAL_ENV")


def copy_without(features: Iterable[str], folder: Path) -> Path:
    """Copy what a commit would hold into a folder, delete what bears the features' names, and return the folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.rstrip("\0")
    for name in names.split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for feature in features:
        delete(feature, folder)
    return folder


def commit(root: Path) -> None:
    """Make a repository of a copy, with one commit by somebody."""
    for arguments in (
        ("init", "--quiet", "--initial-branch=main"),
        ("config", "user.name", "somebody"),
        ("config", "user.email", "somebody@example.com"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=start"),
    ):
        run(root, "git", *arguments)


def run(root: Path, *command: str | Path, **variables: str) -> str:
    """Run a command in a copy, and return what it printed; fail with that when it fails."""
    inherited = {key: value for key, value in own_environ().items() if not key.startswith(FOREIGN)}
    # The programs of this Python's environment, such as `invoke`.
    inherited["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}"
    done = subprocess.run(
        command,
        cwd=root,
        env=inherited | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-20_000:]}"
    return done.stdout


def run_here(root: Path, *arguments: str) -> str:
    """Run this Python in a copy, with the copy's packages in place of those that are installed."""
    return run(root, sys.executable, *arguments, PYTHONPATH=os.pathsep.join(str(root / name) for name in SOURCES))


def git(root: Path, *arguments: str) -> str:
    return run(root, "git", *arguments, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1").strip()


def own_environ() -> dict[str, str]:
    """This process's environment, in which mypy reads what it knows of all that is the same in each copy."""
    return {"MYPY_CACHE_DIR": str(ROOT / ".mypy_cache"), **os.environ}


def environ(root: Path) -> dict[str, str]:
    """The environment in which a copy's own packages run, and git without what its developer has set."""
    path = os.pathsep.join(str(root / name) for name in SOURCES)
    return {**own_environ(), "PYTHONPATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def devkit(root: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a command in a copy, and all that it said."""
    done = subprocess.run(
        [sys.executable, "-m", "devkit", *arguments],
        cwd=root,
        env=environ(root),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


def state(root: Path) -> tuple[str, str, str]:
    """The commit, what differs from it, and the worktrees."""
    return git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain"), git(root, "worktree", "list")
