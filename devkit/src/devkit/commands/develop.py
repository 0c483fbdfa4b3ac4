"""Commands that run the product."""

from __future__ import annotations

from devkit import venv
from devkit.commands.command import command
from devkit.install import ensure


@command
def dev() -> None:
    """Run the whole stack with reload, until Ctrl-C."""
    venv.replace_by(ensure(), "-m", "devkit.stack", "run", "--reload")


@command
def serve() -> None:
    """Run the whole stack in production mode, until Ctrl-C or SIGTERM."""
    venv.replace_by(ensure(), "-m", "devkit.stack", "serve")


@command
def shell() -> None:
    """Open Python with settings, clients and database at hand."""
    venv.replace_by(ensure(), *venv.ALONE, "admin", "shell")
