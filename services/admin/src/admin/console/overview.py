"""The state of the stack: MongoDB, the broker, the API, the workers and the beat, and the length of the queue."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import httpx2
import pymongo
from pymongo.errors import PyMongoError

from admin.collections import COLLECTIONS
from admin.console.context import Console
from common.clients import PING_TIMEOUT, Clients
from common.heartbeat import Process, processes
from jobs.model import JobState
from jobs.stats import COUNTED, shown
from jobs.store import JobStore

ROLES = ("worker", "beat")


@dataclass(frozen=True)
class Component:
    """A component of the stack: whether it works, and a note about it."""

    name: str
    state: Literal["up", "down", "unknown"]
    note: str


@dataclass(frozen=True)
class Overview:
    """The components and the queue; `jobs` counts by collection and state, and None means unknown."""

    components: list[Component]
    has_database: bool
    jobs: Mapping[str, Mapping[JobState, str]] | None
    messages: int | None

    @property
    def down(self) -> list[str]:
        """The names of the components that are down, once each."""
        return list(dict.fromkeys(component.name for component in self.components if component.state == "down"))


def overview(console: Console) -> Overview:
    """Ask MongoDB, the broker and the API, each for a second at most."""
    clients = console.clients
    broker, messages = _broker(clients, console.settings.broker_kind.title)
    api = _api(console.api)
    try:
        with pymongo.timeout(PING_TIMEOUT):
            living = processes(clients.database)
    except PyMongoError as error:
        mongo = Component("MongoDB", "down", type(error).__name__)
        unknown = [Component(role, "unknown", "known when MongoDB is back") for role in ROLES]
        return Overview([mongo, broker, api, *unknown], has_database=False, jobs=None, messages=messages)
    mongo = Component("MongoDB", "up", "documents and jobs")
    components = [mongo, broker, api, *_processes(living)]
    return Overview(components, has_database=True, jobs=_depths(clients, COLLECTIONS), messages=messages)


def _depths(clients: Clients, collections: Iterable[str]) -> Mapping[str, Mapping[JobState, str]] | None:
    """Return the number of open jobs by collection and state; None when MongoDB takes too long to count."""
    try:
        with pymongo.timeout(PING_TIMEOUT):
            depths = {name: JobStore(clients.database[name]).depth(COUNTED) for name in collections}
    except PyMongoError:
        return None
    return {name: {state: shown(count) for state, count in depth.items()} for name, depth in depths.items()}


def _broker(clients: Clients, name: str) -> tuple[Component, int | None]:
    try:
        messages = clients.queue.waiting(timeout=PING_TIMEOUT)
    except Exception as error:
        return Component(name, "down", f"{type(error).__name__}; work waits in MongoDB"), None
    return Component(name, "up", "notifies the workers"), messages


def _api(address: str) -> Component:
    try:
        # Not through a proxy: the address is this machine's.
        response = httpx2.get(f"{address}/healthz", timeout=PING_TIMEOUT, trust_env=False)
    except httpx2.HTTPError as error:
        return Component("API", "down", type(error).__name__)
    if response.status_code != httpx2.codes.OK:
        return Component("API", "down", f"/healthz answers {response.status_code}")
    return Component("API", "up", address)


def _processes(living: list[Process]) -> Iterator[Component]:
    for role in ROLES:
        own = [process for process in living if process.role == role]
        if not own:
            yield Component(role, "down", "no heartbeat")
        for process in own:
            state: Literal["up", "down"] = "down" if process.trouble else "up"
            trouble = f", {process.trouble}" if process.trouble else ""
            yield Component(role, state, f"{process.name}, version {process.version}{trouble}")
