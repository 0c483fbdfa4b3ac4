"""The project's environment `.venv`, and the programs that commands run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

from devkit import ROOT
from devkit.bootstrap import find_program
from devkit.terminal import CommandError

# Before a module's name: it runs without variables of the libraries, which would win over the settings.
ALONE = ("-m", "common.environment")


def program(name: str, *, mend: str = "run `invoke install --force`.") -> str:
    """Return the path of a program: on PATH, beside the Python that runs, or in `.venv`."""
    if found := find_program(name):
        return found
    raise CommandError(f"{name} was not found: {mend}")


def run(*command: str) -> None:
    """Run a command at the root of the repository; what it prints is what people see. Raises when it fails."""
    code = _exit_code(*command)
    if code:
        raise CommandError("", code=code if code > 0 else 128 - code)


def _exit_code(*command: str) -> int:
    """Run a command at the root of the repository and return its exit code."""
    try:
        child = subprocess.Popen(command, cwd=ROOT)
    except FileNotFoundError as error:
        raise CommandError(f"{command[0]} was not found: run `invoke install --force`.") from error
    while True:
        # Ctrl-C reaches the command too, and it may have to stop what it started before it ends.
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()


def replace_by(*command: str) -> None:
    """Become a command, so that Ctrl-C and kill reach it directly."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(command[0], command)  # noqa: S606 - started from a list, without a shell
