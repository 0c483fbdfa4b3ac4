"""How the jobs stand, as metrics; asked of MongoDB when somebody scrapes, once a second and for a second at most."""

import threading
import time
from collections.abc import Callable, Iterable

import pymongo
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.jobs.census import Standing, census
from common.jobs.model import OPEN
from common.mongo import Document

# Seconds that MongoDB may take, and those that its answer serves everybody who asks.
TIMEOUT = 1
KEEP = 1.0


class JobCollector(Collector):
    """The open jobs of some collections, and whether MongoDB told of them.

    `database` is asked for when it is needed, for it belongs to the process that opened it.
    """

    def __init__(self, database: Callable[[], Database[Document]], collections: Iterable[str]) -> None:
        self._database = database
        self._collections = list(collections)
        self._lock = threading.Lock()
        self._known: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        """The metrics; without those of jobs when MongoDB is away."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = self._ask()
                self._until = time.monotonic() + KEEP
            return self._known

    def _ask(self) -> list[Metric]:
        up = GaugeMetricFamily("mongodb_up", "Whether MongoDB told how the jobs stand.", value=1)
        try:
            with pymongo.timeout(TIMEOUT):
                found = census(self._database(), self._collections)
        except PyMongoError:
            return [GaugeMetricFamily("mongodb_up", up.documentation, value=0)]
        return [up, *_families(found)]


def _families(found: Iterable[Standing]) -> Iterable[Metric]:
    """A state in which there is no job is a nought, not a gap."""
    known = {(each.name, each.state): each for each in found}
    jobs = GaugeMetricFamily("jobs", "Open jobs.", labels=["name", "state"])
    oldest = GaugeMetricFamily(
        "jobs_oldest_seconds", "Since the oldest open job was accepted.", labels=["name", "state"]
    )
    for name in sorted({name for name, _ in known}):
        for state in OPEN:
            standing = known.get((name, state))
            jobs.add_metric([name, state], standing.count if standing else 0)
            oldest.add_metric([name, state], standing.oldest or 0 if standing else 0)
    return [jobs, oldest]
