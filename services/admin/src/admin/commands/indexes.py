"""The command `indexes`."""

import argparse

from admin.collections import INDEXES
from admin.commands import Parsers
from admin.database import on_database
from admin.output import print_text
from common.config import Settings
from common.mongo import apply_indexes, connect, index_drift


def add_parsers(parsers: Parsers) -> None:
    """Add the command."""
    parser = parsers.add_parser("indexes", help="create the declared indexes that are missing; drop nothing")
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when the database differs")
    parser.set_defaults(run=on_database(run))


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Create the missing indexes, or with `--check` return 1 when one is missing or different. Raises PyMongoError."""
    with connect(settings) as client:
        database = client[settings.mongo_database]
        # Where no index is declared, nothing else asks the server.
        database.command("ping")
        drift = index_drift(database, INDEXES) if options.check else []
        lines = drift or ([] if options.check else apply_indexes(database, INDEXES))
    print_text("\n".join(lines) or "The indexes are as declared.")
    return 1 if drift else 0
