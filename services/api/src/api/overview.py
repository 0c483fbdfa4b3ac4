"""How the stack is, as MongoDB and the broker tell it; each is asked for a second at most, and may be away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import pymongo
from pymongo.errors import PyMongoError

import domain
from common.clients import PING_TIMEOUT, Clients
from common.config import Settings
from common.heartbeat import Process, processes
from jobs.declared import job_collections
from jobs.model import JobState
from jobs.stats import COUNTED, shown
from jobs.store import JobStore

COLLECTIONS = job_collections(domain)
BROKERS = {"redis": "Valkey", "rabbitmq": "RabbitMQ"}
ROLES = ("worker", "beat")


@dataclass(frozen=True)
class Part:
    """A part of the stack: whether it works, and what there is to say of it."""

    name: str
    state: Literal["up", "down", "unknown"]
    note: str


@dataclass(frozen=True)
class Overview:
    """The parts and the queue; `jobs` counts by collection and state, and None stands for what nobody could tell."""

    parts: list[Part]
    has_database: bool
    jobs: Mapping[str, Mapping[JobState, str]] | None
    messages: int | None

    @property
    def troubles(self) -> list[str]:
        """The names of the parts that are down, once each."""
        return list(dict.fromkeys(part.name for part in self.parts if part.state == "down"))


def overview(clients: Clients, settings: Settings) -> Overview:
    """Asks MongoDB and the broker; takes two seconds when both are away or slow."""
    broker, messages = _broker(clients, BROKERS[settings.broker])
    try:
        with pymongo.timeout(PING_TIMEOUT):
            found = processes(clients.database)
    except PyMongoError as error:
        mongo = Part("MongoDB", "down", type(error).__name__)
        unknown = [Part(role, "unknown", "known when MongoDB is back") for role in ROLES]
        return Overview([mongo, broker, *unknown], has_database=False, jobs=None, messages=messages)
    mongo = Part("MongoDB", "up", "documents and jobs")
    return Overview([mongo, broker, *_processes(found)], has_database=True, jobs=_depths(clients), messages=messages)


def _depths(clients: Clients) -> Mapping[str, Mapping[JobState, str]] | None:
    """The queue as it really is; who cannot count it in time is not down."""
    try:
        with pymongo.timeout(PING_TIMEOUT):
            found = {name: JobStore(clients.database[name]).depth(COUNTED) for name in COLLECTIONS}
    except PyMongoError:
        return None
    return {name: {state: shown(count) for state, count in depth.items()} for name, depth in found.items()}


def _broker(clients: Clients, name: str) -> tuple[Part, int | None]:
    try:
        messages = clients.queue.waiting(timeout=PING_TIMEOUT)
    except Exception as error:
        return Part(name, "down", f"{type(error).__name__}; work waits in MongoDB"), None
    return Part(name, "up", "wakes the workers"), messages


def _processes(found: list[Process]) -> Iterator[Part]:
    for role in ROLES:
        mine = [process for process in found if process.role == role]
        if not mine:
            yield Part(role, "down", "none has given a sign of life")
        for process in mine:
            state: Literal["up", "down"] = "down" if process.trouble else "up"
            trouble = f", {process.trouble}" if process.trouble else ""
            yield Part(role, state, f"{process.name}, version {process.version}{trouble}")
