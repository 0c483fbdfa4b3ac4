"""Commands for the person on duty: `python -m worker.admin --help`."""

import argparse
import code
import os
import sys

from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from common.backup.archive import BackupError
from common.clients import Clients
from common.config import ConfigError, Settings
from common.environment import leave_foreign
from common.mongo import apply_indexes, index_drift
from worker import job_admin
from worker.backups import backup, restore
from worker.features import INDEXES, SECTIONS
from worker.progress import say


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; answers the exit code: 1 when a person has to look at something, 2 when it was not done."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options, Settings.load(os.environ, sections=SECTIONS))
    except BackupError as error:
        say(f"{options.file or 'backup'}: {error}")
    except OSError as error:
        say(f"{error.filename or options.command}: {error.strerror or error}")
    except ServerSelectionTimeoutError as error:
        # What follows is the driver's own state, of no use to a person.
        say(f"MongoDB does not answer: {str(error).partition(' (')[0]}")
    except (ConfigError, PyMongoError) as error:
        say(f"{type(error).__name__}: {error}")
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return 2


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.command == "settings":
        say(f"The settings are fit for {settings.environment}.")
        return 0
    if options.command == "backup":
        return backup(settings, options.file)
    if options.command == "restore":
        return restore(settings, options.file, yes=options.yes)
    with Clients(settings) as clients:
        if options.command == "jobs":
            return job_admin.run(options, clients)
        return _shell(clients) if options.command == "shell" else _indexes(clients, check=options.check)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.admin", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    indexes = commands.add_parser("indexes", help="create the declared indexes that are missing; drops nothing")
    indexes.add_argument("--check", action="store_true", help="change nothing; exit 1 when the database differs")
    saving = commands.add_parser("backup", help="save the database, as it is at one moment, in one file")
    saving.add_argument("file", nargs="?", default="", help="a new file, or - for standard output")
    restoring = commands.add_parser("restore", help="replace the database by what a backup holds")
    restoring.add_argument("file", help="a backup, or - for standard input")
    restoring.add_argument("--yes", action="store_true", help="also a database that is in use or not empty")
    job_admin.add_parser(commands)
    commands.add_parser("settings", help="look whether the settings are fit for their ENVIRONMENT")
    commands.add_parser("shell", help="a Python prompt with `settings`, `clients` and `database`")
    return parser


def _indexes(clients: Clients, *, check: bool) -> int:
    drift = index_drift(clients.database, INDEXES) if check else []
    lines = drift or ([] if check else apply_indexes(clients.database, INDEXES))
    print("\n".join(lines) or "The indexes are as declared.")  # noqa: T201 - a command speaks by printing
    return 1 if drift else 0


def _shell(clients: Clients) -> int:
    names = {"settings": clients.settings, "clients": clients, "database": clients.database}
    code.interact(banner=f"Ready: {', '.join(names)}.", local=names, exitmsg="")
    return 0


if __name__ == "__main__":
    leave_foreign()
    sys.exit(main())
