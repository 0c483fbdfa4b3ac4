"""The command `seed`."""

import argparse

from admin.commands import Parsers
from admin.database import on_database
from admin.features import FEATURES
from admin.output import CommandError, print_table, print_text
from common.config import Settings
from common.migrations.standing import standing
from common.mongo import connect


def add_parsers(parsers: Parsers) -> None:
    """Add the command."""
    parser = parsers.add_parser("seed", help="add the examples of the features, for development")
    parser.set_defaults(run=on_database(run))


def run(_: argparse.Namespace, settings: Settings) -> int:
    """Add the examples that are not there yet. Raises CommandError in production, and PyMongoError."""
    if settings.environment == "production":
        raise CommandError("examples are for development, and ENVIRONMENT is production. Nothing was changed.")
    with connect(settings) as client:
        database = client[settings.mongo_database]
        if reason := standing(database, FEATURES).reason:
            raise CommandError(f"{reason}. Nothing was changed.")
        rows = [(feature.name, feature.seed(database)) for feature in FEATURES if feature.seed is not None]
    if rows:
        print_table([("feature", "new examples"), *rows])
    else:
        print_text("No feature has examples.")
    return 0
