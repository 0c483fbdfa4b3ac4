"""A key for who measures or tests a stack."""

from collections.abc import Mapping

from common.auth.keys import ALL, Keys
from common.clients import Clients
from common.config import Settings
from devkit import ROOT


def headers(environ: Mapping[str, str]) -> dict[str, str]:
    """Make a key in the database of a stack with these settings, and return what brings it. Raises PyMongoError."""
    with Clients(Settings.load(environ, env_files=[ROOT / ".env"])) as clients:
        _, token = Keys(clients.database).create("devkit", [ALL])
    return {"Authorization": f"Bearer {token}"}
