"""`python -m devkit.clean [--data [--yes]]`: delete what commands have made."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from devkit import ROOT
from devkit.servers import state
from devkit.stack.record import present
from devkit.terminal import CommandError, confirm, run_command, say

_FOLDERS = (
    ".venv",
    ".venv-stress",
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Delete what can be made again; with --data also the databases and the secrets that open them."""
    parser = argparse.ArgumentParser(prog="python -m devkit.clean")
    parser.add_argument("--data", action="store_true", help="also .data and .env.local, after asking")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    refuse_while_running(ROOT / ".data")
    if options.data and not options.yes:
        confirm("Delete the databases (.data) and the secrets and settings in .env.local?")
    paths = [*made(), *(ROOT / name for name in (".data", ".env.local") if options.data)]
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.exists() or path.is_symlink():
            path.unlink()
    say(f"deleted {', '.join(sorted({path.name for path in paths if path.parent == ROOT})) or 'nothing'}")
    return 0


def made() -> Iterator[Path]:
    """Return what commands have made and can make again."""
    yield from (ROOT / name for name in _FOLDERS if (ROOT / name).exists())
    yield from ROOT.glob(".coverage*")
    for source in _SOURCES:
        for pattern in ("__pycache__", "*.egg-info"):
            yield from (ROOT / source).rglob(pattern)


def refuse_while_running(data: Path) -> None:
    """Raise while the stack or a server runs: they run on what would be deleted."""
    if present(data) is not None:
        raise CommandError("the stack runs: stop it with Ctrl-C where it was started, and repeat.")
    for folder in data.glob("*"):
        known = state.load(folder)
        if known is not None and any(process.alive() for process in known.processes):
            raise CommandError(f"{folder.name} runs: `invoke db-down`, and repeat.")


if __name__ == "__main__":
    sys.exit(run_command(main))
