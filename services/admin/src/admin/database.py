"""What stops a command that uses the database, said in one line."""

import argparse
import functools
from collections.abc import Callable

from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from admin.output import say
from common.config import Settings

Command = Callable[[argparse.Namespace, Settings], int]


def on_database(run: Command) -> Command:
    """Return the command that says so and returns 2 when the database does not do what it is asked."""

    @functools.wraps(run)
    def command(options: argparse.Namespace, settings: Settings) -> int:
        try:
            return run(options, settings)
        except ServerSelectionTimeoutError as error:
            say(_without_server(error, settings))
        except PyMongoError as error:
            say(f"{type(error).__name__}: {error}")
        return 2

    return command


def _without_server(error: ServerSelectionTimeoutError, settings: Settings) -> str:
    """Return one line that says which server does not answer, and, where there is a command for it, how to start it."""
    # The rest of the driver's message is its own state.
    reason = str(error).partition(" (")[0]
    ours = settings.environment != "production" and not settings.mongo_url.get_secret_value()
    return f"MongoDB does not answer: {reason}{'. Start it with `invoke db-up`.' if ours else ''}"
