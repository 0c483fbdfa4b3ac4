"""Counters on Valkey or Redis, where that is the broker."""

from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from common.brokers.redis import KIND
from common.config import Settings
from common.queue import tls
from common.queue.broker import kind_of
from web.extensions.limits.counters import Counters, CountersAwayError

# Seconds that a request waits for it at each step: more than a network of one place needs.
TIMEOUT = 0.1
# One round trip. The number and its end are set together, so none is kept for ever.
_ADD = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n"


class RedisCounters:
    """Those of all processes of a product."""

    def __init__(self, client: "Redis", project: str) -> None:
        self._prefix = f"{project}:limit:"
        self._add: Any = client.register_script(_ADD)

    def add(self, key: str, seconds: int) -> int:
        """Add one to a number, and return what it is then. Raises CountersAwayError."""
        try:
            return int(self._add([f"{self._prefix}{key}"], [seconds]))
        except (RedisError, OSError) as error:
            raise CountersAwayError(type(error).__name__) from error


def counters(settings: Settings) -> Counters | None:
    """Return counters on the broker; None where it is of another kind. Connects when they are first used."""
    if kind_of(settings).name != KIND.name:
        return None
    return RedisCounters(client_of(settings), settings.project)


def client_of(settings: Settings, timeout: float = TIMEOUT) -> "Redis":
    """Return a client of the broker that waits no longer than `timeout` seconds at each step."""
    broker = tls.broker(settings)
    options = broker.options if isinstance(broker.options, dict) else {}
    client: Redis = Redis.from_url(
        broker.address.replace(f"{KIND.local[0]}:", "unix:", 1),
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        **options,
    )
    return client
