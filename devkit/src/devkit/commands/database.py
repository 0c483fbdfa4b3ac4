"""Commands for the database and message servers."""

from __future__ import annotations

from pathlib import Path

from invoke.context import Context

from devkit import venv
from devkit.commands.command import command, command_with
from devkit.install import ensure

ONLY = "these servers only, such as mongo,redis"
# Where the person is who typed the command; the commands themselves run at the root of the repository.
_HERE = Path.cwd()


def _servers(*arguments: str) -> None:
    venv.run(ensure(), "-m", "devkit.servers", *arguments)


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
    venv.run(ensure(), *venv.ALONE, "worker.admin", "indexes", *["--check"] * check)


@command_with(positional=["file"], file="a new file; without, one in backups/ that is named after the time")
def db_backup(_context: Context, *, file: str = "") -> None:
    """Save the database, as it is at one moment, in a file ([FILE])."""
    venv.run(ensure(), *venv.ALONE, "worker.admin", "backup", *[str(_HERE / file)] * bool(file))


@command_with(file="what `invoke db-backup` has made", yes="also when the database is in use or not empty")
def db_restore(_context: Context, *, file: str, yes: bool = False) -> None:
    """Replace the database by a backup (FILE, --yes)."""
    venv.run(ensure(), *venv.ALONE, "worker.admin", "restore", str(_HERE / file), *["--yes"] * yes)
