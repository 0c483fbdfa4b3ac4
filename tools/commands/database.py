"""Commands for the database and message servers."""

from __future__ import annotations

from invoke.context import Context

from tools import venv
from tools.commands.command import command, command_with
from tools.install import ensure

ONLY = "these servers only, such as mongo,redis"


def _servers(*arguments: str) -> None:
    venv.run(ensure(), "-m", "tools.servers", *arguments)


@command_with(only=ONLY)
def db_up(_context: Context, *, only: str = "") -> None:
    """Start the servers, healthy when it returns (--only NAMES)."""
    _servers("up", "--only", only)


@command_with(only=ONLY)
def db_down(_context: Context, *, only: str = "") -> None:
    """Stop the servers, data kept (--only NAMES)."""
    _servers("down", "--only", only)


@command
def db_status(_context: Context) -> None:
    """Tell which servers really answer; exit code 1 if one does not."""
    _servers("status")


@command_with(yes="do not ask")
def db_reset(_context: Context, *, yes: bool = False) -> None:
    """Stop the servers and delete their data (--yes)."""
    _servers("reset", *["--yes"] * yes)


@command_with(server="this server's log only", follow="go on showing new lines until Ctrl-C")
def db_logs(_context: Context, *, server: str = "", follow: bool = False) -> None:
    """Show the servers' logs (--server NAME, --follow)."""
    _servers("logs", server, *["--follow"] * follow)


@command_with(check="change nothing; exit code 1 when the database differs from the declarations")
def db_indexes(_context: Context, *, check: bool = False) -> None:
    """Make the declared indexes (--check)."""
    venv.run(ensure(), "-m", "worker.admin", "indexes", *["--check"] * check)
