"""Commands for the database and message servers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from devkit import venv
from devkit.commands.command import command
from devkit.install import ensure

ONLY = "these servers only, such as mongo,redis"
# Where the person is who typed the command; the commands themselves run at the root of the repository.
_HERE = Path.cwd()


def _servers(*arguments: str) -> None:
    venv.run(ensure(), "-m", "devkit.servers", *arguments)


@command
def db_up(
    *,
    only: Annotated[str, ONLY] = "",
) -> None:
    """Start the servers, healthy when it returns (--only NAMES)."""
    _servers("up", "--only", only)


@command
def db_down(
    *,
    only: Annotated[str, ONLY] = "",
) -> None:
    """Stop the servers, data kept (--only NAMES)."""
    _servers("down", "--only", only)


@command
def db_status() -> None:
    """Tell which servers really answer; exit code 1 if one does not."""
    _servers("status")


@command
def db_reset(
    *,
    yes: Annotated[bool, "do not ask"] = False,
) -> None:
    """Stop the servers and delete their data (--yes)."""
    _servers("reset", *["--yes"] * yes)


@command
def db_logs(
    *,
    server: Annotated[str, "this server's log only"] = "",
    follow: Annotated[bool, "go on showing new lines until Ctrl-C"] = False,
) -> None:
    """Show the servers' logs (--server NAME, --follow)."""
    _servers("logs", server, *["--follow"] * follow)


@command
def db_indexes(
    *,
    check: Annotated[bool, "change nothing; exit code 1 when the database differs from the declarations"] = False,
) -> None:
    """Make the declared indexes (--check)."""
    venv.run(ensure(), *venv.ALONE, "admin", "indexes", *["--check"] * check)


@command(positional=["file"])
def db_backup(
    *,
    file: Annotated[str, "a new file; without, one in backups/ that is named after the time"] = "",
) -> None:
    """Save the database, as it is at one moment, in a file ([FILE])."""
    venv.run(ensure(), *venv.ALONE, "admin", "backup", *[str(_HERE / file)] * bool(file))


@command
def db_restore(
    *,
    file: Annotated[str, "what `invoke db-backup` has made"],
    yes: Annotated[bool, "also when the database is in use or not empty"] = False,
) -> None:
    """Replace the database by a backup (FILE, --yes)."""
    venv.run(ensure(), *venv.ALONE, "admin", "restore", str(_HERE / file), *["--yes"] * yes)
