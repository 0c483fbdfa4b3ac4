"""Which servers a command is about, and the backends that can run them."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

import devkit
from common import brokers
from devkit.servers import native
from devkit.servers.brokers import servers as broker_servers
from devkit.servers.mongo import Mongo
from devkit.servers.server import Context, Row, Server
from devkit.terminal import CommandError


class Backend(Protocol):
    """A module that runs servers in one way; what each function does is told in `native`."""

    def up(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def down(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def status(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def reset(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def logs(self, context: Context, servers: Sequence[Server], /, *, follow: bool) -> None: ...  # noqa: D102 - told in `native`
    def present(self, context: Context, servers: Sequence[Server], /) -> list[Server]: ...  # noqa: D102 - told in `native`
    def about_former(self, name: str, /) -> str: ...  # noqa: D102 - told in `native`
    def former(self, context: Context, /) -> dict[str, list[str]]: ...  # noqa: D102 - told in `native`
    def ended(self, context: Context, servers: Sequence[Server], /) -> list[Server]: ...  # noqa: D102 - told in `native`


# In the order they are started; they are stopped the other way round.
SERVERS: Final[dict[str, type[Server]]] = {"mongo": Mongo, **broker_servers()}

# A folder of the toolbox that can run servers in another way has a module of this name with its NAME.
_BACKEND = "server_backend"


def backend(context: Context) -> Backend:
    """Return what runs the servers, as DB_BACKEND says."""
    name = context.settings.get("DB_BACKEND", native.NAME)
    known: dict[str, Backend] = {native.NAME: native} if name == native.NAME else backends()
    if name not in known:
        raise CommandError(
            f"DB_BACKEND={name} does not exist here; set one of these in .env.local: {', '.join(known)}."
        )
    return known[name]


def backends() -> dict[str, Backend]:
    """Return all that can run the servers, by its name."""
    folders = sorted(path.parent.name for path in Path(devkit.__file__).parent.glob(f"*/{_BACKEND}.py"))
    modules = [native, *(import_module(f"devkit.{folder}.{_BACKEND}") for folder in folders)]
    return {str(module.NAME): cast("Backend", module) for module in modules}


def needed(context: Context, only: str = "") -> list[Server]:
    """Return the servers that are named, or else those that the settings ask for."""
    names = _named(only) or needed_names(context.settings)
    if unknown := sorted(set(names) - set(SERVERS)):
        raise CommandError(f"no such server: {', '.join(unknown)}; there are {', '.join(SERVERS)}.")
    servers = [SERVERS[name](context) for name in SERVERS if name in names]
    _check_ports_differ(servers)
    return servers


def present(context: Context, only: str = "") -> list[Server]:
    """Return the servers that are named, or else all that have data, also those no longer asked for."""
    if only:
        return needed(context, only)
    return backend(context).present(context, [server(context) for server in SERVERS.values()])


def _named(only: str) -> list[str]:
    return [name.strip() for name in only.split(",") if name.strip()]


def needed_names(settings: Mapping[str, str]) -> list[str]:
    """Return the names of the servers that the settings ask for."""
    wanted = [] if settings.get("MONGO_URL") else ["mongo"]
    broker = _broker(settings)
    if not settings.get("BROKER_URL"):
        wanted += [name for name in brokers.names() if name == broker or SERVERS[name].always]
    return wanted


def _broker(settings: Mapping[str, str]) -> str:
    try:
        return brokers.checked(settings.get("BROKER", ""))
    except ValueError as error:
        raise CommandError(f"BROKER: {error}: set one of these in .env.local.") from None


def _check_ports_differ(servers: Sequence[Server]) -> None:
    seen: dict[int, Server] = {}
    for server in servers:
        if other := seen.get(server.port):
            raise CommandError(
                f"{other.port_key} and {server.port_key} are both {server.port}: change one in .env.local."
            )
        seen[server.port] = server
