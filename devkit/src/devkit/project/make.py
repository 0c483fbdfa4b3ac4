"""Make a new product: copier makes it in a hidden folder beside its place, where it then comes in one step."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit import ROOT, names, venv
from devkit.bootstrap import install_environ
from devkit.capability.declaration import STARTER, capabilities
from devkit.git import asked, uncommitted
from devkit.project.choice import Choice, free_block
from devkit.terminal import CommandError, say

# No dependency of any product: uv brings it when it is needed.
COPIER = "copier==9.19.1"
# Bytes: a product, the clone that copier makes of the starter, and what git makes of it.
NEEDED = 32 << 20


@dataclass(frozen=True)
class Options:
    """What is asked of a new product; what is None is asked for on a terminal, or is as `copier.yml` says."""

    target: Path
    name: str = ""
    features: tuple[str, ...] | None = None
    without: tuple[str, ...] | None = None
    ci: tuple[str, ...] | None = None
    port: int | None = None
    dry_run: bool = False
    # Ask nothing.
    confirmed: bool = False
    # Also where something is not committed.
    force: bool = False


def make(options: Options) -> None:
    """Make it, or refuse with one clear line; then nothing is changed."""
    if STARTER not in capabilities(ROOT):
        raise CommandError("this is a product, and products are made from the starter: type it in a clone of that.")
    target = _target(options.target)
    name = options.name or target.name
    names.refuse_taken(name)
    _refuse_uncommitted(forced=options.force)
    port = options.port or free_block(name)
    Choice(name, port, options.features or (), options.without or (), options.ci or ()).refuse(ROOT)
    answers = {"project_name": name, "port": port, "features": options.features, "without": options.without}
    answers["ci"] = options.ci
    given = {key: value for key, value in answers.items() if value is not None}
    if options.dry_run:
        print(f"would make {target} of {_source()}, with " + ", ".join(f"{key}={_told(given[key])}" for key in given))
        return
    refuse_full(target.parent)
    with _unfinished(target) as folder:
        _copy(folder / target.name, given, asks=not options.confirmed)
        # In one step: whoever looks sees nothing or all of it.
        (folder / target.name).rename(target)
    say(f"{name} is in {target}: go there, and `uvx invoke dev` starts it. Its ports are {port} and the next ones.")


def _target(given: Path) -> Path:
    target = Path(os.path.abspath(given))
    if target.is_relative_to(ROOT):
        raise CommandError(
            f"{target} is inside of this repository: choose a folder beside it, such as ../NAME.", code=2
        )
    if not target.parent.is_dir():
        raise CommandError(f"{target.parent} is no folder: make it first.", code=2)
    if target.is_symlink() or target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise CommandError(f"{target} is there already and not empty: choose another folder.", code=2)
    return target


def refuse_full(folder: Path, needed: int = NEEDED) -> None:
    """Raise CommandError where a folder's disk has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CommandError(f"{folder} has {free >> 20} MB free, and {needed >> 20} MB are needed: make room there.")


def _refuse_uncommitted(*, forced: bool) -> None:
    """Raise CommandError where the product would differ from the commit that its answers name."""
    if not forced and asked("rev-parse", "--verify", "HEAD") and (changed := uncommitted()):
        raise CommandError(
            f"changed or new files: {len(changed)}. A product is made from a commit: commit them first, or take them "
            "along with --force."
        )


def _source() -> str:
    """Return what the product is made from, for people."""
    return asked("describe", "--tags", "--always", "HEAD") or "these files, which no git holds"


def _told(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


@contextmanager
def _unfinished(target: Path) -> Iterator[Path]:
    """Yield a folder beside the target, which is deleted afterwards; so is what a killed run has left there."""
    folder = target.parent / f".{target.name}.unfinished"
    folder.mkdir(exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, target)
        for left in folder.iterdir():
            shutil.rmtree(left)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def _lock(handle: int, target: Path) -> None:
    """Lock a folder that is opened, which the system releases even after kill -9."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(f"another command is making {target} right now.") from None


def copy_command() -> list[str]:
    """Return the beginning of the command by which copier makes a product."""
    return [venv.program("uv"), "tool", "run", "--quiet", "--from", COPIER, "copier", "copy", "--trust", "--quiet"]


def _copy(folder: Path, answers: dict[str, object], *, asks: bool) -> None:
    """Have copier make the product; what it asks, it asks on the terminal."""
    command = [*copy_command(), "--vcs-ref", "HEAD"]
    if not (asks and sys.stdin.isatty()):
        command.append("--defaults")
    for key, value in answers.items():
        command += ["--data", f"{key}={json.dumps(value) if isinstance(value, tuple) else value}"]
    code = subprocess.run([*command, str(ROOT), str(folder)], env=install_environ(), check=False).returncode
    if code:
        raise CommandError("the product was not made; the message above says why. Nothing is left of it.")
