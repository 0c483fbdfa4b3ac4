"""Commands for the database and message servers."""

from __future__ import annotations

import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import HERE, command

Only = Annotated[str, "these servers only, their names separated by commas"]
Data = Annotated[str, "the folder of the servers' data, .data unless told"]
Json = Annotated[bool, "print one JSON object instead of a table"]


@command()
def db_up(*, only: Only = "", data: Data = "", json: Json = False) -> None:
    """Start the servers, healthy when it returns (--only NAMES)."""
    from devkit.servers import actions

    actions.start(data, only, as_json=json)


@command()
def db_down(*, only: Only = "", data: Data = "", json: Json = False) -> None:
    """Stop the servers, data kept (--only NAMES)."""
    from devkit.servers import actions

    actions.stop(data, only, as_json=json)


@command()
def db_status(*, only: Only = "", data: Data = "", json: Json = False) -> None:
    """Tell which servers really answer; exit code 1 if one does not."""
    from devkit.servers import actions

    actions.status(data, only, as_json=json)


@command()
def db_reset(
    *, only: Only = "", data: Data = "", json: Json = False, yes: Annotated[bool, "do not ask"] = False
) -> None:
    """Stop the servers and delete their data (--yes)."""
    from devkit.servers import actions

    actions.reset(data, only, as_json=json, confirmed=yes)


@command()
def db_logs(
    *,
    server: Annotated[str, "this server's log only"] = "",
    data: Data = "",
    follow: Annotated[bool, "go on showing new lines until Ctrl-C"] = False,
) -> None:
    """Show the servers' logs (--server NAME, --follow)."""
    from devkit.servers import actions

    actions.logs(data, server, follow=follow)


@command()
def certificates(
    *,
    renew: Annotated[bool, "make a new certificate, and let running servers show it; no connection is cut"] = False,
    data: Data = "",
) -> None:
    """Make the servers' certificates for TLS=1 (--renew)."""
    from devkit.servers import certificates as made

    made.provide(data, renew=renew)


@command()
def db_indexes(
    *, check: Annotated[bool, "change nothing; exit code 1 when the database differs from the declarations"] = False
) -> None:
    """Make the declared indexes (--check)."""
    venv.run(sys.executable, *venv.ALONE, "admin", "indexes", *["--check"] * check)


@command()
def db_migrate(
    *,
    plan: Annotated[bool, "change nothing; list the migrations that are missing"] = False,
    check: Annotated[bool, "the same; exit code 1 when one is missing"] = False,
) -> None:
    """Apply migrations and make the indexes (--plan, --check)."""
    venv.run(sys.executable, *venv.ALONE, "admin", "migrate", *["--plan"] * plan, *["--check"] * check)


@command()
def db_seed() -> None:
    """Add the features' examples; refused in production."""
    venv.run(sys.executable, *venv.ALONE, "admin", "seed")


@command(positional=["file"])
def db_backup(
    *,
    file: Annotated[str, "a new file; without, one in backups/ that is named after the time"] = "",
    keep: Annotated[str, "then remove all but so many of the newest that are named after the time"] = "",
) -> None:
    """Save the database in a file ([FILE], --keep NUMBER)."""
    options = [*[str(HERE / file)] * bool(file), *[f"--keep={keep}"] * bool(keep)]
    venv.run(sys.executable, *venv.ALONE, "admin", "backup", *options)


@command(positional=["file"])
def db_rehearse(*, file: Annotated[str, "a backup; without, the newest in backups/"] = "") -> None:
    """Try a restore in a database of its own ([FILE])."""
    venv.run(sys.executable, *venv.ALONE, "admin", "rehearse", *[str(HERE / file)] * bool(file))


@command()
def db_restore(
    *,
    file: Annotated[str, "what `invoke db-backup` has made"],
    yes: Annotated[bool, "also when the database is in use or not empty"] = False,
) -> None:
    """Replace the database by a backup (FILE, --yes)."""
    venv.run(sys.executable, *venv.ALONE, "admin", "restore", str(HERE / file), *["--yes"] * yes)
