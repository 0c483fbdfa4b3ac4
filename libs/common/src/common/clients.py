"""The one owner of the connections: opened on first use, per process, and closed together."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import pymongo
from pymongo import MongoClient
from pymongo.database import Database

from common.config import Settings
from common.mongo import Document, connect
from common.publisher import Publisher
from common.queue import Queue

# Seconds a part may take to answer a ping before it counts as away.
PING_TIMEOUT = 1


@dataclass(frozen=True)
class Ping:
    """Whether a part answered, in how many milliseconds, and if not, why: the kind of error, never an address."""

    ok: bool
    latency_ms: float | None = None
    error: str | None = None


@dataclass(frozen=True)
class _Open:
    pid: int
    mongo: MongoClient[Document]
    queue: Queue
    publisher: Publisher


class Clients:
    """MongoDB, the queue and the publisher of one process.

    Nothing connects before it is used. After a fork the child opens its own, for neither pymongo nor a broker's
    connection may be shared between processes.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._open: _Open | None = None

    @property
    def database(self) -> Database[Document]:
        """The product's database."""
        return self._opened().mongo[self.settings.mongo_database]

    @property
    def queue(self) -> Queue:
        """Sends messages and waits for the broker's confirm; not for the path of a request."""
        return self._opened().queue

    @property
    def publisher(self) -> Publisher:
        """Sends messages off the request path; never waits, never fails."""
        return self._opened().publisher

    def ping(self) -> dict[str, Ping]:
        """Ask each part whether it is there; take about a second for a part that is not."""
        return {"mongo": _measured(self._ping_mongo), "broker": _measured(self._ping_broker)}

    def close(self) -> None:
        """Close what this process opened; the next use opens anew."""
        with self._lock:
            opened, self._open = self._open, None
        if opened is not None and opened.pid == os.getpid():
            opened.publisher.close()
            opened.queue.close()
            opened.mongo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> _Open:
        with self._lock:
            if self._open is None or self._open.pid != os.getpid():
                queue = Queue(self.settings)
                self._open = _Open(os.getpid(), connect(self.settings), queue, Publisher(queue))
            return self._open

    def _ping_mongo(self) -> None:
        with pymongo.timeout(PING_TIMEOUT):
            self._opened().mongo.admin.command("ping")

    def _ping_broker(self) -> None:
        self._opened().queue.ping(timeout=PING_TIMEOUT)


def _measured(ask: Callable[[], Any]) -> Ping:
    started = time.monotonic()
    try:
        ask()
    except Exception as error:
        return Ping(ok=False, error=type(error).__name__)
    return Ping(ok=True, latency_ms=round((time.monotonic() - started) * 1000, 1))
