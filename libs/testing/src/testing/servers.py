"""Real servers for tests, and what keeps a test's database from being mistaken for real data."""

from devkit.ports import distinct as unused_ports
from devkit.servers.private import Servers

__all__ = ["MARK", "Servers", "UnsafeDatabaseError", "guard", "unused_ports"]

MARK = "test_"


class UnsafeDatabaseError(Exception):
    """A database that is not marked as a test's was about to be emptied."""


def guard(database: str) -> str:
    """Return the name of a test's database. Raises UnsafeDatabaseError for any other, which may hold real data."""
    if not database.startswith(MARK):
        raise UnsafeDatabaseError(f"The database {database!r} is no test's: such a name begins with {MARK!r}.")
    return database
