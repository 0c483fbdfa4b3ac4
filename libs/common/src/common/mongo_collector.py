"""Whether MongoDB answers, and the last backup, as metrics.

It is asked on a scrape, once a second; each question gets a second at most.
"""

import threading
import time
from collections.abc import Callable, Iterable

import pymongo
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common import backup_record
from common.backup_record import BackupRecord
from common.mongo import Document

# Seconds that MongoDB may take to answer a ping, and those that its answer serves everybody.
TIMEOUT = 1
KEEP = 1.0


class MongoCollector(Collector):
    """Whether MongoDB answers, and the last backup; one that extends this tells more of it, and is used instead.

    `database` is asked for when it is needed, for it belongs to the process that opened it.
    """

    def __init__(self, database: Callable[[], Database[Document]]) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._metrics: list[Metric] = []
        self._backup: BackupRecord | None = None
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._metrics = self._told(is_up=self._answers(self._ping))
                self._until = time.monotonic() + KEEP
            return self._metrics

    def _told(self, *, is_up: bool) -> list[Metric]:
        up = GaugeMetricFamily("mongodb_up", "Whether MongoDB answered a ping.", value=int(is_up))
        # What it told last is right while it is away: then no backup is made.
        if is_up:
            self._answers(self._read_backup)
        return [up, *(_of_backup(self._backup) if self._backup else [])]

    def _ping(self) -> None:
        self._database().command("ping")

    def _read_backup(self) -> None:
        self._backup = backup_record.read(self._database())

    def _answers(self, ask: Callable[[], None]) -> bool:
        try:
            with pymongo.timeout(TIMEOUT):
                ask()
        except PyMongoError:
            return False
        return True


def _of_backup(last: BackupRecord) -> list[Metric]:
    """Return a time, not an age, as is usual: `time() - backup_completed_timestamp_seconds` is right at any moment."""
    return [
        GaugeMetricFamily(
            "backup_completed_timestamp_seconds", "When the last backup was complete.", value=last.completed.timestamp()
        ),
        GaugeMetricFamily("backup_size_bytes", "The size of the last backup's file.", value=last.size),
        GaugeMetricFamily("backup_documents", "How many documents the last backup holds.", value=last.documents),
    ]
