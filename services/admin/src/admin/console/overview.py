"""The state of the stack: MongoDB, the API, and what extensions see."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import httpx2
import pymongo
from pymongo.errors import PyMongoError

from admin.console.context import Console
from common.clients import PING_TIMEOUT


@dataclass(frozen=True)
class Component:
    """A component of the stack: whether it works, and a note about it."""

    name: str
    state: Literal["up", "down", "unknown"]
    note: str


@dataclass(frozen=True)
class Seen:
    """What an extension sees: servers, processes that use them, and what its template draws."""

    servers: list[Component]
    processes: list[Component]
    content: dict[str, Any]


@dataclass(frozen=True)
class Overview:
    """The components, and the content of each extension by its template."""

    components: list[Component]
    has_database: bool
    contents: dict[str, dict[str, Any]]

    @property
    def down(self) -> list[str]:
        """The names of the components that are down, once each."""
        return list(dict.fromkeys(component.name for component in self.components if component.state == "down"))


def overview(console: Console, extensions: Sequence[ModuleType]) -> Overview:
    """Ask MongoDB, the API and the extensions, each for a second at most."""
    mongo, api = _mongo(console), _api(console.api)
    has_database = mongo.state == "up"
    seen: dict[str, Seen] = {
        f"extensions/{module.__name__.rpartition('.')[2]}.html": module.look(console, has_database=has_database)
        for module in extensions
    }
    servers = [server for each in seen.values() for server in each.servers]
    processes = [process for each in seen.values() for process in each.processes]
    contents = {template: each.content for template, each in seen.items()}
    return Overview([mongo, *servers, api, *processes], has_database, contents)


def _mongo(console: Console) -> Component:
    try:
        with pymongo.timeout(PING_TIMEOUT):
            console.clients.database.command("ping")
    except PyMongoError as error:
        return Component("MongoDB", "down", type(error).__name__)
    return Component("MongoDB", "up", "holds all data")


def _api(address: str) -> Component:
    try:
        # Not through a proxy: the address is this machine's.
        response = httpx2.get(f"{address}/healthz", timeout=PING_TIMEOUT, trust_env=False)
    except httpx2.HTTPError as error:
        return Component("API", "down", type(error).__name__)
    if response.status_code != httpx2.codes.OK:
        return Component("API", "down", f"/healthz answers {response.status_code}")
    return Component("API", "up", address)
