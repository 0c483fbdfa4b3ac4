"""What the container of the console needs of the commands: whether there is one, and the name that leads to it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

# What `invoke config` must not show.
SECRETS = ()


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what the files name besides settings: the host by which the proxy knows what is for it, if any."""
    hosts = names(settings)
    return {"EDGE_CONSOLE_NAME": "".join(hosts), "CONSOLE_REPLICAS": str(len(hosts))}


def names(settings: Mapping[str, str]) -> list[str]:
    """Return the hosts that a certificate of the proxy needs for it."""
    host = urlsplit(settings.get("CONSOLE_ORIGIN", "")).hostname
    return [host] if host else []


def ports(settings: Mapping[str, str]) -> dict[str, tuple[str, int]]:  # noqa: ARG001 - it has none of its own
    """Return its name and the ports of this machine that lead to it, by their settings."""
    return {}


def told(settings: Mapping[str, str]) -> list[str]:
    """Return what people are told when it runs."""
    return [f"operators reach the console at {settings['CONSOLE_ORIGIN']}"] if names(settings) else []
