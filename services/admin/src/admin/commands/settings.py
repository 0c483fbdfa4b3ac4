"""The command `settings`."""

import argparse

from admin.commands import Parsers
from admin.output import say
from common.config import Settings


def add_parsers(parsers: Parsers) -> None:
    """Add the command."""
    parser = parsers.add_parser("settings", help="check that the settings are fit for their ENVIRONMENT")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace, settings: Settings) -> int:
    """Say that the settings are fit; those that are not have ended the program before."""
    say(f"The settings are fit for {settings.environment}.")
    return 0
