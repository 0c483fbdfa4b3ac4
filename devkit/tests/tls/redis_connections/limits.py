"""The connection that counts requests."""

from common.config import Settings
from web.extensions.limits.stores.redis import client_of

PLACE = "redis.py"


def connect(settings: Settings) -> None:
    """Connect, with more patience than a request has."""
    client_of(settings, timeout=5).ping()
