"""Commands for operators: `python -m admin COMMAND`. Each module in `admin.commands` adds its own."""

import argparse
import os
import sys

from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from admin import commands
from admin.backup.archive import BackupError
from admin.features import SECTIONS
from admin.output import say
from common.config import ConfigError, Settings
from common.discovery import modules_of
from common.environment import leave_foreign


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 1 when an operator has to decide something, 2 when it failed."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.load(os.environ, sections=SECTIONS)
        return _run(options, settings)
    except ConfigError as error:
        say(f"ConfigError: {error}")
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return 2


def _run(options: argparse.Namespace, settings: Settings) -> int:
    try:
        code: int = options.run(options, settings)
    except BackupError as error:
        say(f"{options.file or 'backup'}: {error}")
    except OSError as error:
        say(f"{error.filename or options.command}: {error.strerror or error}")
    except ServerSelectionTimeoutError as error:
        say(_without_server(error, settings))
    except PyMongoError as error:
        say(f"{type(error).__name__}: {error}")
    else:
        return code
    return 2


def _without_server(error: ServerSelectionTimeoutError, settings: Settings) -> str:
    """Return one line that says which server does not answer, and, where there is a command for it, how to start it."""
    # The rest of the driver's message is its own state.
    reason = str(error).partition(" (")[0]
    ours = settings.environment != "production" and not settings.mongo_url.get_secret_value()
    return f"MongoDB does not answer: {reason}{'. Start it with `invoke db-up`.' if ours else ''}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m admin", description=__doc__)
    parsers = parser.add_subparsers(dest="command", required=True)
    for module in modules_of(commands):
        module.add_parsers(parsers)
    return parser


if __name__ == "__main__":
    leave_foreign()
    sys.exit(main())
