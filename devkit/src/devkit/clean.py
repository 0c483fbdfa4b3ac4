"""Delete what commands have made. The standard library alone: it deletes `.venv` and works without one."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from devkit import ROOT
from devkit.bootstrap import BootstrapError, say

_FOLDERS = (
    ".venv",
    ".nox",
    "reports",
    "prof",
    "dist",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
)
_SOURCES = ("libs", "services", "tests", "devkit")


def clean(
    *,
    data: Annotated[bool, "also the databases and the secrets"] = False,
    yes: Annotated[bool, "do not ask"] = False,
) -> None:
    """Delete what commands have made (--data, --yes)."""
    refuse_while_running(ROOT / ".data")
    paths = [*_made(), *(ROOT / name for name in (".data", ".env.local") if data and (ROOT / name).exists())]
    names = ", ".join(sorted({path.name for path in paths if path.parent == ROOT}))
    if names and not yes:
        _confirm(f"Delete {names}{', with the databases and the secrets' if data else ''}?")
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    say(f"deleted {names or 'nothing'}")


def main(words: list[str]) -> int | None:
    """Run `clean` with the options that were typed; None leaves its help to `invoke`."""
    if {"-h", "--help"} & set(words):
        return None
    names = list(inspect.signature(clean).parameters)
    options = {**{f"--{name}": name for name in names}, **{f"-{name[0]}": name for name in names}}
    if unknown := [word for word in words if word not in options]:
        raise BootstrapError(
            f"`clean` does not take {unknown[0]}; it takes {', '.join(f'--{name}' for name in names)}."
        )
    clean(**{options[word]: True for word in words})
    return 0


def _made() -> Iterator[Path]:
    """Return what commands have made and can make again."""
    yield from (ROOT / name for name in _FOLDERS if (ROOT / name).exists())
    for pattern in (".coverage*", ".venv-*"):
        yield from ROOT.glob(pattern)
    for source in _SOURCES:
        for pattern in ("__pycache__", "*.egg-info"):
            yield from (ROOT / source).rglob(pattern)


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise BootstrapError(f"{question} There is no terminal to answer on; repeat with --yes.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise BootstrapError("nothing was deleted.")


def refuse_while_running(data: Path) -> None:
    """Raise while the stack or a server runs here."""
    if any(_is_alive(pid) for pid in _pids(data / "run" / "stack.json")):
        raise BootstrapError("the stack runs: stop it with Ctrl-C where it was started, and repeat.")
    for state in sorted(data.glob("*/state.json")):
        if any(_is_alive(pid) for pid in _pids(state)):
            raise BootstrapError(f"{state.parent.name} runs: `invoke db-down`, and repeat.")


def _pids(path: Path) -> list[int]:
    """Return the pids in the record of the stack (`pid`) or of a server (`processes`)."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return [int(process["pid"]) for process in record.get("processes", [record])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
