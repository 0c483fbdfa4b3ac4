"""The command for the password of the console."""

from __future__ import annotations

import sys

from devkit import venv
from devkit.commands.command import command


@command()
def console_password() -> None:
    """Make a password for the console, and print it with the setting that stands for it."""
    venv.run(sys.executable, *venv.ALONE, "admin.console.password")
