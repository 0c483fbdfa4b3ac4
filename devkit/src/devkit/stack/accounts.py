"""Each service works by its own account on every server, and finds no password of another one in its environment.

It reads the same settings as everybody, such as MONGO_USER; what starts it gives them other values.
"""

from collections.abc import Iterator, Mapping

from devkit.servers import accounts
from devkit.servers.selection import SERVERS


def of(service: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings by which a service uses its own accounts. Raises CommandError for a missing password.

    Where a complete address is given, whoever gave it has chosen the account.
    """
    return dict(_of(service, settings))


def without_others(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the passwords that belong to one service, or to a server's administrator."""
    prefixes = tuple(server.password_key.removesuffix("PASSWORD") for server in SERVERS.values())
    own = {server.password_key for server in SERVERS.values()}
    return {
        name: value
        for name, value in environ.items()
        if name in own or not (name.startswith(prefixes) and name.endswith("_PASSWORD"))
    }


def _of(service: str, settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for server in SERVERS.values():
        if server.user_key and not settings.get(server.url_key):
            yield server.user_key, accounts.user_of(settings.get(server.user_key, ""), service)
            yield server.password_key, accounts.password(settings, accounts.key_of(server.password_key, service))
