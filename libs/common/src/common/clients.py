"""The one owner of the connections: opened on first use, per process, and closed together."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, cast

import pymongo
from pymongo import MongoClient
from pymongo.database import Database

from common.config import Settings
from common.mongo import Document, connect

# Seconds a part may take to answer a ping before it counts as away.
PING_TIMEOUT = 1


@dataclass(frozen=True)
class Ping:
    """Whether a part answered, in how many milliseconds, and if not, why: the kind of error, never an address."""

    ok: bool
    latency_ms: float | None = None
    error: str | None = None


class Closable(Protocol):
    """What a process has opened."""

    def close(self) -> None:
        """Close it."""


Part = TypeVar("Part", bound=Closable)


class Parts:
    """What this process has opened, one of each kind; the child of a fork opens its own."""

    def __init__(self) -> None:
        # A part may open the one that it stands on.
        self._lock = threading.RLock()
        self._pid = 0
        self._opened: dict[type[Closable], Closable] = {}

    def opened(self, kind: type[Part], open_part: Callable[[], Part]) -> Part:
        """Return the part of a kind; open it when this process has none."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid, self._opened = os.getpid(), {}
            if kind not in self._opened:
                self._opened[kind] = open_part()
            return cast("Part", self._opened[kind])

    def close(self) -> None:
        """Close what this process has opened, the last one first."""
        with self._lock:
            opened, self._opened = self._opened, {}
        if self._pid == os.getpid():
            for part in reversed(opened.values()):
                part.close()


class Clients:
    """MongoDB of one process; what else it uses is opened beside it, by a class that extends this one.

    Nothing connects before it is used. After a fork the child opens its own, for neither pymongo nor the connection of
    another driver may be shared between processes. `parts` are those of other clients, to be shared with them.
    """

    def __init__(self, settings: Settings, parts: Parts | None = None) -> None:
        self.settings = settings
        self.parts = parts or Parts()

    @property
    def database(self) -> Database[Document]:
        """The product's database."""
        return self._mongo()[self.settings.mongo_database]

    def ping(self) -> dict[str, Ping]:
        """Ask each part whether it is there; take about a second for a part that is not."""
        return {"mongo": measured(self._ping_mongo)}

    def promises(self) -> dict[str, Callable[[], list[str]]]:
        """Return for each server what looks at its own settings, and returns a line for each that may lose work.

        It takes about a second where a server does not answer, and raises the driver's error then.
        """
        return {"mongo": self._mongo_promises}

    def close(self) -> None:
        """Close what this process opened; the next use opens anew."""
        self.parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _mongo(self) -> MongoClient[Document]:
        return self.parts.opened(MongoClient, lambda: connect(self.settings))

    def _ping_mongo(self) -> None:
        with pymongo.timeout(PING_TIMEOUT):
            self._mongo().admin.command("ping")

    def _mongo_promises(self) -> list[str]:
        """Every write here asks for a majority's journal, whatever the server's own default is."""
        with pymongo.timeout(PING_TIMEOUT):
            hello = self._mongo().admin.command("hello")
        # A router of a sharded cluster is no member, and its shards are replica sets.
        if "setName" in hello or hello.get("msg") == "isdbgrid":
            return []
        return ["MongoDB is no member of a replica set; start it with `--replSet`, and initiate it"]


def measured(ask: Callable[[], Any]) -> Ping:
    """Ask a part by a function, and return how it went; an error is an answer, too."""
    started = time.monotonic()
    try:
        ask()
    except Exception as error:
        return Ping(ok=False, error=type(error).__name__)
    return Ping(ok=True, latency_ms=round((time.monotonic() - started) * 1000, 1))
