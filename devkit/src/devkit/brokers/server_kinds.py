"""What the brokers add to the servers; `devkit.extensions` finds it."""

from collections.abc import Iterator, Mapping

from common import brokers
from common.discovery import modules_of
from common.names import UNNAMED
from devkit.brokers import kinds
from devkit.ports import HOST
from devkit.servers.server import Server
from devkit.terminal import CommandError


def servers() -> dict[str, type[Server]]:
    """Return the servers of all kinds by their names, the one that is used where none is named first."""
    found: dict[str, type[Server]] = {module.SERVER.name: module.SERVER for module in modules_of(kinds)}
    return {name: found[name] for name in brokers.names()}


def needed(settings: Mapping[str, str]) -> list[str]:
    """Return the names of the servers that the settings ask for. Raises CommandError for an unknown BROKER."""
    try:
        chosen = brokers.checked(settings.get("BROKER", ""))
    except ValueError as error:
        raise CommandError(f"BROKER: {error}: set one of these in .env.local.") from None
    if settings.get("BROKER_URL"):
        return []
    return [chosen]


def neutral() -> dict[str, str]:
    """Return the settings that lead to nothing of the developer's."""
    accounts = {name: UNNAMED for kind in brokers.kinds() for name in kind.named_after_project}
    files = {"BROKER_TLS_CA_FILE": "", "BROKER_TLS_CERT_FILE": ""}
    return {"BROKER": "", "BROKER_URL": "", "METRICS_HOST": HOST, "METRICS_PORT": "0", **files, **accounts}


def notes(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the name of a server, and what is to be said of it when it runs."""
    kind = brokers.named(settings.get("BROKER", ""))
    yield kind.name, f"{kind.title} is the broker (BROKER={kind.name})."


def variations() -> list[dict[str, str]]:
    """Return settings for each way in which a product can run, to be tested with each."""
    return [{"BROKER": name} for name in brokers.names()]
