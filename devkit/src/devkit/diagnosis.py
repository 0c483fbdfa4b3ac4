"""What `doctor` finds out without `.venv`: Python, programs, the environment itself, the disk.

The standard library alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devkit import ROOT
from devkit.bootstrap import MINIMUM, PYTHON, VENV, find_program, is_current

_ENOUGH_DISK = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    """A fact; with a mend when something is wrong."""

    what: str
    mend: str = ""


def is_usable() -> bool:
    """Return whether `.venv` is up to date and can run the commands."""
    return is_current() and not _import_error()


def main(_words: list[str] | None = None) -> int | None:
    """Print what can be found out without `.venv`; None where there is a usable one, in which `doctor` sees more."""
    if is_usable():
        return None
    code = report([*examine(), Finding("settings, secrets, servers and ports: not examined without .venv")])
    return code or 1


def report(findings: Iterable[Finding], paint: Callable[[str, str], str] = lambda text, _colour: text) -> int:
    """Print findings; return 1 when something is wrong. `paint` gives a text a colour."""
    code = 0
    for finding in findings:
        if finding.mend:
            code = 1
            print(f"{paint('wrong', 'red')}  {finding.what}\n       mend: {paint(finding.mend, 'bold')}", flush=True)
        else:
            print(f"{paint('ok', 'green')}     {finding.what}", flush=True)
    return code


def examine() -> Iterator[Finding]:
    """Return the findings, good and bad."""
    yield from _python()
    yield from _programs()
    yield from _environment()
    yield from _disk(ROOT / ".data")


def _python() -> Iterator[Finding]:
    version = f"Python {sys.version.split()[0]} ({sys.executable})"
    if sys.version_info < MINIMUM and not PYTHON.exists():
        mend = "invoke install, which looks for a newer one; or install Python 3.11 or newer"
        yield Finding(f"{version} is too old for this project", mend)
    else:
        yield Finding(version)


def _programs() -> Iterator[Finding]:
    # What is missing in a current environment was deleted there.
    install = "invoke install --force" if is_current() else "invoke install"
    for name, mend in (("uv", install), ("nox", install), ("git", "install git")):
        path = find_program(name)
        yield Finding(f"{name}: {path}") if path else Finding(f"{name} was not found", mend)


def _environment() -> Iterator[Finding]:
    if not VENV.exists():
        yield Finding(".venv is missing", "invoke install")
    elif not is_current():
        yield Finding(".venv is incomplete or older than the locks", "invoke install")
    elif error := _import_error():
        yield Finding(f".venv is broken: {error}", "invoke clean --yes, then invoke install")
    else:
        yield Finding(".venv is what the locks say")


def _import_error() -> str:
    """Return why the commands cannot be imported in `.venv`; empty when they can."""
    command = [str(PYTHON), "-c", "import devkit.doctor, devkit.commands.collection"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def _disk(data: Path) -> Iterator[Finding]:
    folder = data if data.exists() else ROOT
    if not os.access(folder, os.W_OK):
        yield Finding(f"{folder} is not writable", f"chown -R {os.getuid()} {folder}")
    free = shutil.disk_usage(folder).free
    mend = "make room: invoke clean" if free < _ENOUGH_DISK else ""
    yield Finding(f"{free / 1e9:.1f} GB of disk free at {folder}", mend)
