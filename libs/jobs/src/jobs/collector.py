"""Job statistics as metrics; MongoDB is queried on a scrape, once a second and for two seconds at most."""

from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from pymongo.database import Database

from common.mongo import Document
from common.mongo_collector import MongoCollector
from jobs.model import OPEN
from jobs.stats import COUNTED, JobStats, job_stats


class JobCollector(MongoCollector):
    """The open jobs of some collections, and whether MongoDB answers.

    Where MongoDB does not tell in time how the jobs stand, that is as it told last.
    """

    def __init__(self, database: Callable[[], Database[Document]], collections: Iterable[str]) -> None:
        super().__init__(database)
        self._collections = list(collections)
        self._stats: list[JobStats] | None = None

    def _told(self, *, is_up: bool) -> list[Metric]:
        is_stale = not (is_up and self._answers(self._count))
        told = super()._told(is_up=is_up)
        return told if self._stats is None else [*told, *_families(self._stats, is_stale=is_stale)]

    def _count(self) -> None:
        self._stats = job_stats(self._database(), self._collections)


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
