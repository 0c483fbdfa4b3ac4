"""Which servers a command is about, and the backends that can run them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol, cast

from devkit.diagnosis import Finding
from devkit.extensions import extensions
from devkit.servers import native
from devkit.servers.mongo import Mongo
from devkit.servers.server import Context, Row, Server
from devkit.terminal import CommandError


class Backend(Protocol):
    """A module that runs servers in one way; what each function does is told in `native`.

    Another one than the native has `NATIVE` too: the settings by which it is not chosen.
    """

    def is_chosen(self, settings: Mapping[str, str], /) -> bool: ...  # noqa: D102 - told in `native`
    def up(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def down(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def status(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def reset(self, context: Context, servers: Sequence[Server], /) -> dict[str, Row]: ...  # noqa: D102 - told in `native`
    def logs(self, context: Context, servers: Sequence[Server], /, *, follow: bool) -> None: ...  # noqa: D102 - told in `native`
    def present(self, context: Context, servers: Sequence[Server], /) -> list[Server]: ...  # noqa: D102 - told in `native`
    def about_former(self, name: str, /) -> str: ...  # noqa: D102 - told in `native`
    def former(self, context: Context, /) -> dict[str, list[str]]: ...  # noqa: D102 - told in `native`
    def ended(self, context: Context, servers: Sequence[Server], /) -> list[Server]: ...  # noqa: D102 - told in `native`
    def place(self, context: Context, /) -> str: ...  # noqa: D102 - told in `native`
    def holder(self, port: int, /) -> str: ...  # noqa: D102 - told in `native`
    def examine(self, wanted: Sequence[Server], others: Sequence[Server], /) -> Iterator[Finding]: ...  # noqa: D102 - told in `native`


# In the order they are started; they are stopped the other way round.
SERVERS: Final[dict[str, type[Server]]] = {
    "mongo": Mongo,
    **{name: server for module in extensions("server_kinds") for name, server in module.servers().items()},
}
_BACKEND = "server_backend"


def backend(context: Context) -> Backend:
    """Return what runs the servers: the one that the settings choose, else native processes."""
    return next(other for other in reversed(backends()) if other.is_chosen(context.settings))


def backends() -> list[Backend]:
    """Return all that can run the servers, the native one first."""
    return [native, *(cast("Backend", module) for module in extensions(_BACKEND))]


def native_settings() -> dict[str, str]:
    """Return the settings by which nothing else than native processes is chosen."""
    return {name: value for module in extensions(_BACKEND) for name, value in module.NATIVE.items()}


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
    return [*wanted, *(name for module in extensions("server_kinds") for name in module.needed(settings))]


def _check_ports_differ(servers: Sequence[Server]) -> None:
    seen: dict[int, Server] = {}
    for server in servers:
        if other := seen.get(server.port):
            raise CommandError(
                f"{other.port_key} and {server.port_key} are both {server.port}: change one in .env.local."
            )
        seen[server.port] = server
