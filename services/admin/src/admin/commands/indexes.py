"""The command `indexes`."""

import argparse

from admin.commands import Parsers
from admin.features import INDEXES
from admin.output import print_text
from common.clients import Clients
from common.config import Settings
from common.mongo import apply_indexes, index_drift


def add_parsers(parsers: Parsers) -> None:
    """Add the command."""
    parser = parsers.add_parser("indexes", help="create the declared indexes that are missing; drop nothing")
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 when the database differs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Create the missing indexes, or with `--check` return 1 when one is missing or different. Raises PyMongoError."""
    with Clients(settings) as clients:
        drift = index_drift(clients.database, INDEXES) if options.check else []
        lines = drift or ([] if options.check else apply_indexes(clients.database, INDEXES))
    print_text("\n".join(lines) or "The indexes are as declared.")
    return 1 if drift else 0
