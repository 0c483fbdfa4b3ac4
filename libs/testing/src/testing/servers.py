"""Real servers for tests, and what keeps a test's database from being mistaken for real data."""

from dataclasses import dataclass, field

from devkit.ports import distinct as unused_ports
from devkit.servers import private
from devkit.servers.accounts import SHARED
from devkit.servers.private import private_settings

__all__ = ["MARK", "Servers", "UnsafeDatabaseError", "guard", "unused_ports"]

MARK = "test_"


def _shared_settings() -> dict[str, str]:
    return private_settings(**{SHARED: "yes"})


@dataclass
class Servers(private.Servers):
    """Servers that tests share, each of which is a product of its own: their account may use all databases and keys."""

    environ: dict[str, str] = field(default_factory=_shared_settings)


class UnsafeDatabaseError(Exception):
    """A database that is not marked as a test's was about to be emptied."""


def guard(database: str) -> str:
    """Return the name of a test's database. Raises UnsafeDatabaseError for any other, which may hold real data."""
    if not database.startswith(MARK):
        raise UnsafeDatabaseError(f"The database {database!r} is no test's: such a name begins with {MARK!r}.")
    return database
