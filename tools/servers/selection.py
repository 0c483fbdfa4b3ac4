"""Which servers a command is about, and the backends that can run them."""

from collections.abc import Callable, Sequence
from typing import Final

from tools.servers import native
from tools.servers.mongo import Mongo
from tools.servers.native import Row
from tools.servers.rabbitmq import RabbitMQ
from tools.servers.redis import Redis
from tools.servers.server import Context, Server
from tools.terminal import CommandError

Action = Callable[[Context, Sequence[Server]], dict[str, Row]]

# In the order they are started; they are stopped the other way round.
SERVERS: Final[dict[str, type[Server]]] = {"mongo": Mongo, "redis": Redis, "rabbitmq": RabbitMQ}

BACKENDS: Final[dict[str, dict[str, Action]]] = {
    "native": {"up": native.up, "down": native.down, "status": native.status, "reset": native.reset},
}


def action(context: Context, name: str) -> Action:
    """Return what the backend that DB_BACKEND names does for a command."""
    backend = context.settings.get("DB_BACKEND", "native")
    if backend not in BACKENDS:
        raise CommandError(
            f"DB_BACKEND={backend} does not exist here; set one of these in .env.local: {', '.join(BACKENDS)}."
        )
    return BACKENDS[backend][name]


def needed(context: Context, only: str = "") -> list[Server]:
    """Return the servers that are named, or else those that the settings ask for."""
    names = _named(only) or _by_settings(context)
    if unknown := sorted(set(names) - set(SERVERS)):
        raise CommandError(f"no such server: {', '.join(unknown)}; there are {', '.join(SERVERS)}.")
    servers = [SERVERS[name](context) for name in SERVERS if name in names]
    _check_ports_differ(servers)
    return servers


def present(context: Context, only: str = "") -> list[Server]:
    """Return the servers that are named, or else all that have data, also those no longer asked for."""
    if only:
        return needed(context, only)
    return [server(context) for name, server in SERVERS.items() if (context.data / name).exists()]


def _named(only: str) -> list[str]:
    return [name.strip() for name in only.split(",") if name.strip()]


def _by_settings(context: Context) -> list[str]:
    broker = context.settings.get("BROKER", "redis")
    if broker not in ("redis", "rabbitmq"):
        raise CommandError(f"BROKER={broker} does not exist here; set redis or rabbitmq in .env.local.")
    elsewhere = set()
    if context.settings.get("MONGO_URL"):
        elsewhere.add("mongo")
    if context.settings.get("BROKER_URL"):
        elsewhere |= {broker, "redis"}
    return [name for name in ("mongo", "redis", broker) if name not in elsewhere]


def _check_ports_differ(servers: Sequence[Server]) -> None:
    seen: dict[int, Server] = {}
    for server in servers:
        if other := seen.get(server.port):
            raise CommandError(
                f"{other.port_key} and {server.port_key} are both {server.port}: change one in .env.local."
            )
        seen[server.port] = server
