"""The command `migrate`."""

import argparse
import signal
import traceback

from pymongo.database import Database

from admin.collections import INDEXES
from admin.commands import Parsers
from admin.database import on_database
from admin.features import FEATURES
from admin.output import CommandError, print_text, say
from common.config import Settings
from common.migration import MigrationError
from common.migrations.run import FailedError, LockLostError, changed, migrate
from common.migrations.standing import standing
from common.mongo import Document, apply_indexes, connect


def add_parsers(parsers: Parsers) -> None:
    """Add the command."""
    parser = parsers.add_parser("migrate", help="apply the migrations that are missing, then create missing indexes")
    parser.add_argument("--plan", action="store_true", help="change nothing; list what is missing")
    parser.add_argument("--check", action="store_true", help="the same; exit code 1 when a migration is missing")
    parser.set_defaults(run=on_database(run))


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Apply what is missing, or with `--check` return 1 when something is. Raises CommandError and PyMongoError."""
    # What a supervisor stops it by: the lock is given back, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with connect(settings, task="migrate") as client:
        database = client[settings.mongo_database]
        try:
            if options.plan or options.check:
                missing = _plan(database)
                return 1 if missing and options.check else 0
            _migrate(database, settings)
        except MigrationError as error:
            raise CommandError(str(error)) from error
    return 0


def _plan(database: Database[Document]) -> bool:
    """List what is missing, and return whether anything is."""
    found = standing(database, FEATURES)
    for name in found.ahead:
        say(f"note: {name} was applied, and is not part of this version")
    for name in changed(database, FEATURES):
        say(f"note: {name} was changed after it was applied, and does not run again")
    print_text("\n".join(found.behind) or "No migration is missing.")
    return bool(found.behind)


def _migrate(database: Database[Document], settings: Settings) -> None:
    try:
        migrate(database, FEATURES, settings.version, say)
    except (FailedError, LockLostError) as error:
        if error.__cause__ is not None:
            say("".join(traceback.format_exception(error.__cause__)).rstrip())
        raise CommandError(f"{error}. Correct it, and run `invoke db-migrate` again: it goes on there.") from error
    names = apply_indexes(database, INDEXES)
    print_text("\n".join(names) or "The database is as declared.")
