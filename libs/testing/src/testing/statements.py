"""What MongoDB reads for a statement: the ones that the product really sends, explained just before they are sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient, monitoring
from pymongo.database import Database

from common.config import Settings
from common.mongo import Document

# What a driver adds to a command, and what only its execution needs.
_ADDED = {"lsid", "txnNumber", "writeConcern", "maxTimeMS", "$db", "$clusterTime", "$readPreference", "ordered"}
_EXPLAINED = {"find", "aggregate", "count", "distinct", "update", "delete", "findAndModify"}
# An insert reads nothing of what is already there; what goes on with a cursor was explained with its beginning.
_UNEXPLAINED = {"insert", "getMore"}


@dataclass(frozen=True)
class Read:
    """How many index entries and documents one statement reads."""

    command: str
    collection: str
    keys: int
    documents: int


class Explainer(monitoring.CommandListener):
    """Explains each command of the client that it listens to, over a connection of its own."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self.reads: list[Read] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Explain a command in the state that it will find."""
        name = event.command_name
        if name in _UNEXPLAINED:
            self.reads.append(Read(name, str(event.command[name]), 0, 0))
        elif name in _EXPLAINED:
            command = {key: value for key, value in event.command.items() if key not in _ADDED}
            plan = self._database.command({"explain": command, "verbosity": "executionStats"})
            keys, documents = _sums(plan)
            self.reads.append(Read(name, str(event.command[name]), keys, documents))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do; who sent it learns of it."""


@contextmanager
def explained(settings: Settings, database: Database[Document]) -> Iterator[tuple[Database[Document], list[Read]]]:
    """Yield the same database over another client, and what the statements that are sent by it read."""
    explainer = Explainer(database)
    client: MongoClient[Document] = MongoClient(
        settings.mongo_address, tz_aware=True, event_listeners=[explainer], w="majority", journal=True
    )
    with client:
        yield client[database.name], explainer.reads


def _sums(plan: Any) -> tuple[int, int]:
    """Return the sums of a plan, which an aggregation has in its first stage."""
    stats = plan.get("executionStats") or plan["stages"][0]["$cursor"]["executionStats"]
    return stats["totalKeysExamined"], stats["totalDocsExamined"]
