"""The command for the password of the console."""

from __future__ import annotations

import sys

from devkit import venv
from devkit.commands.command import command


@command()
def password() -> None:
    """Make the password of the console."""
    venv.run(sys.executable, *venv.ALONE, "admin.console.password")
