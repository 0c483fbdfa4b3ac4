"""Checks that run in `.venv`, each to its end, with one verdict."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from devkit import ROOT, bootstrap, lock, venv
from devkit.extensions import extensions
from devkit.git import git
from devkit.terminal import CommandError, coloured, say

# What needs no process but the servers that start at once.
UNIT = "not integration and not e2e and not remote"
BEFORE_A_COMMIT = ("lint", "types", "unit", "lock", "openapi")
# Folders that hold nothing of ours, where no git says which files are.
_NOT_OURS = {"__pycache__", "backups", "dist", "node_modules", "prof", "reports"}
_HIDDEN_OF_OURS = {".ci", ".github", ".vscode", ".workflow"}

Command = tuple[str, ...]


def run(names: Sequence[str]) -> None:
    """Run checks; every one runs, for one failure must not hide another. Raises CommandError when one has failed."""
    failed: list[str] = []
    checks = _checks()
    # Before the first one runs, so that a mistyped name or a missing program costs no time.
    if unknown := [name for name in names if name not in checks]:
        raise CommandError(f"no such check: {unknown[0]}; there are {', '.join(checks)}.")
    for name, steps in [(name, checks[name]()) for name in names]:
        began = time.monotonic()
        codes = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in steps]
        passed = not any(codes)
        if not passed:
            failed.append(name)
        if len(names) > 1:
            verdict = coloured(f"{name} {'passed' if passed else 'failed'}", "green" if passed else "red", sys.stderr)
            say(f"{verdict} in {time.monotonic() - began:.1f} s")
    if failed:
        raise CommandError(f"failed: {', '.join(failed)}." if len(names) > 1 else "")


def _checks() -> dict[str, Callable[[], list[Command]]]:
    """Return what gives the commands of each check; it looks for the programs of that check alone."""
    module = (sys.executable, "-m")
    # More than two cores have, for tests wait; fewer where others run beside them.
    processes = os.environ.get("TEST_PROCESSES", "4")
    return {
        "lint": _lint,
        "format": lambda: [(_program("ruff"), "check", "--fix-only"), (_program("ruff"), "format")],
        "types": lambda: [(*module, "mypy")],
        "unit": lambda: [(*module, "pytest", "-q", "-n", processes, "-m", UNIT, "libs", "services")],
        "lock": lambda: [(*module, "devkit", "lock", "--check")],
        "openapi": lambda: [(*module, "devkit", "openapi", "--check")],
    }


def _lint() -> list[Command]:
    names = source_files()
    scripts = [name for name in names if Path(name).suffix in ("", ".sh") and _is_shell_script(ROOT / name)]
    ruff = _program("ruff")
    steps: list[Command] = [(ruff, "check"), (ruff, "format", "--check")]
    steps += [(_program("shellcheck"), *scripts)] if scripts else []
    steps += [command for extension in extensions("linting") for command in extension.commands(names, _program)]
    # The arrows between the packages, and what each of them imports without declaring it.
    steps.append((_program("lint-imports"), "--no-logo"))
    return [*steps, *_dependency_checks()]


def _dependency_checks() -> Iterator[Command]:
    # Our packages are imported by other names than they are installed by.
    own = ",".join(f"{lock.distribution(folder)}={folder.name}" for folder in bootstrap.packages())
    for folder in (path.relative_to(ROOT) for path in bootstrap.packages()):
        options = ("--config", f"{folder}/pyproject.toml", "--package-module-name-map", own, "--no-ansi")
        yield (_program("deptry"), f"{folder}/src", *options)


def source_files() -> list[str]:
    """Return the names of our files: what git knows, or without a repository what lies in our folders."""
    if not (ROOT / ".git").exists():
        return sorted(_files_on_disk())
    return [name for name in git("ls-files", "-z").split("\0") if (ROOT / name).is_file()]


def _files_on_disk() -> Iterator[str]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in _NOT_OURS and (not name.startswith(".") or name in _HIDDEN_OF_OURS)
        ]
        yield from (str(Path(folder, name).relative_to(ROOT)) for name in names)


def _is_shell_script(path: Path) -> bool:
    with path.open("rb") as stream:
        first_line = stream.readline(80)
    return first_line.startswith(b"#!") and b"sh" in first_line


def _program(name: str) -> str:
    """Return the path of a checker: the locked one, else where no wheel brings it the one of this machine."""
    mend = f"install {name}; no package brings it to this kind of machine."
    return shutil.which(name, path=str(Path(sys.executable).parent)) or venv.program(name, mend=mend)
