"""The brokers' servers: each module bears the name of its kind in `common.brokers`, and declares a `SERVER`."""

import sys

from common.brokers import names
from common.discovery import modules_of
from devkit.servers.server import Server


def servers() -> dict[str, type[Server]]:
    """Return the servers of all kinds by their names, the one that is used where none is named first."""
    found: dict[str, type[Server]] = {module.SERVER.name: module.SERVER for module in modules_of(sys.modules[__name__])}
    return {name: found[name] for name in names()}
