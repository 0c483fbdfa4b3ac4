"""Commands for the person on duty: `python -m worker.admin --help`."""

import argparse
import code
import os
import sys

from pymongo.errors import PyMongoError

from common.clients import Clients
from common.config import ConfigError, Settings
from common.mongo import apply_indexes, index_drift
from worker.features import INDEXES, SECTIONS


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; answers the exit code: 1 when a check found something, 2 when it could not be made."""
    options = _parser().parse_args(arguments)
    try:
        with Clients(Settings.load(os.environ, sections=SECTIONS)) as clients:
            return _shell(clients) if options.command == "shell" else _indexes(clients, check=options.check)
    except (ConfigError, PyMongoError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.admin", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    indexes = commands.add_parser("indexes", help="create the declared indexes that are missing; drops nothing")
    indexes.add_argument("--check", action="store_true", help="change nothing; exit 1 when the database differs")
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
    sys.exit(main())
