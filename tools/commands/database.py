"""Commands for the database and message servers."""

from __future__ import annotations

from invoke.context import Context

from tools import venv
from tools.commands.command import command
from tools.install import ensure


def _servers(*arguments: str) -> None:
    venv.run(ensure(), "-m", "tools.servers", *arguments)


@command
def db_up(_context: Context, *, only: str = "") -> None:
    """Start the servers, healthy when it returns (--only NAMES)."""
    _servers("up", "--only", only)


@command
def db_down(_context: Context, *, only: str = "") -> None:
    """Stop the servers, data kept (--only NAMES)."""
    _servers("down", "--only", only)


@command
def db_status(_context: Context) -> None:
    """Tell which servers really answer; exit code 1 if one does not."""
    _servers("status")


@command
def db_reset(_context: Context, *, yes: bool = False) -> None:
    """Stop the servers and delete their data (--yes)."""
    _servers("reset", *["--yes"] * yes)


@command
def db_logs(_context: Context, *, server: str = "", follow: bool = False) -> None:
    """Show the servers' logs (--server NAME, --follow)."""
    _servers("logs", server, *["--follow"] * follow)


@command
def db_indexes(_context: Context, *, check: bool = False) -> None:
    """Make the declared indexes (--check)."""
    venv.run(ensure(), "-m", "worker.admin", "indexes", *["--check"] * check)
