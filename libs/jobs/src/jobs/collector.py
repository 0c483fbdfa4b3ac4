"""Job statistics as metrics; MongoDB is queried on a scrape, once a second and for two seconds at most."""

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
from jobs.model import OPEN
from jobs.stats import COUNTED, JobStats, job_stats

# Seconds that MongoDB may take to answer a ping, and then to count, and those that its answer serves everybody.
TIMEOUT = 1
KEEP = 1.0


class JobCollector(Collector):
    """The open jobs of some collections, and whether MongoDB answers.

    `database` is asked for when it is needed, for it belongs to the process that opened it.
    """

    def __init__(self, database: Callable[[], Database[Document]], collections: Iterable[str]) -> None:
        self._database = database
        self._collections = list(collections)
        self._lock = threading.Lock()
        self._metrics: list[Metric] = []
        self._stats: list[JobStats] | None = None
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        """Return the metrics. Where MongoDB does not tell in time how the jobs stand, that is as it told last."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._metrics = self._ask()
                self._until = time.monotonic() + KEEP
            return self._metrics

    def _ask(self) -> list[Metric]:
        is_up = self._answers(self._ping)
        is_stale = not (is_up and self._answers(self._count))
        up = GaugeMetricFamily("mongodb_up", "Whether MongoDB answered a ping.", value=int(is_up))
        if self._stats is None:
            return [up]
        return [up, *_families(self._stats, is_stale=is_stale)]

    def _ping(self) -> None:
        self._database().command("ping")

    def _count(self) -> None:
        self._stats = job_stats(self._database(), self._collections)

    def _answers(self, ask: Callable[[], None]) -> bool:
        try:
            with pymongo.timeout(TIMEOUT):
                ask()
        except PyMongoError:
            return False
        return True


def _families(rows: Iterable[JobStats], *, is_stale: bool) -> Iterable[Metric]:
    """Return a zero, not a gap, for a state in which there is no job."""
    known = {(row.name, row.state): row for row in rows}
    stale = "Whether the jobs are told as they were before, for MongoDB did not count them in time."
    jobs = GaugeMetricFamily("jobs", f"Open jobs, counted up to {COUNTED}.", labels=["name", "state"])
    oldest = GaugeMetricFamily(
        "jobs_oldest_seconds", "Since the oldest open job was accepted.", labels=["name", "state"]
    )
    for name in sorted({name for name, _ in known}):
        for state in OPEN:
            stats = known.get((name, state))
            jobs.add_metric([name, state], stats.count if stats else 0)
            oldest.add_metric([name, state], stats.oldest or 0 if stats else 0)
    return [GaugeMetricFamily("jobs_stale", stale, value=int(is_stale)), jobs, oldest]
