"""Whether MongoDB answers, as a metric; it is asked on a scrape, once a second and for a second at most."""

import threading
import time
from collections.abc import Callable, Iterable

import pymongo
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.mongo import Document

# Seconds that MongoDB may take to answer a ping, and those that its answer serves everybody.
TIMEOUT = 1
KEEP = 1.0


class MongoCollector(Collector):
    """Whether MongoDB answers; one that extends this tells more of it, and is used instead.

    `database` is asked for when it is needed, for it belongs to the process that opened it.
    """

    def __init__(self, database: Callable[[], Database[Document]]) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._metrics: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._metrics = self._told(is_up=self._answers(self._ping))
                self._until = time.monotonic() + KEEP
            return self._metrics

    def _told(self, *, is_up: bool) -> list[Metric]:
        return [GaugeMetricFamily("mongodb_up", "Whether MongoDB answered a ping.", value=int(is_up))]

    def _ping(self) -> None:
        self._database().command("ping")

    def _answers(self, ask: Callable[[], None]) -> bool:
        try:
            with pymongo.timeout(TIMEOUT):
                ask()
        except PyMongoError:
            return False
        return True
