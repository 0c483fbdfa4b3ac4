"""Schedules: a tick is a durable job whose `_id` is the schedule and the time, so two schedulers do the work once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.mongo import Document, Indexes
from jobs.model import JobKind, job_indexes, new_job

COLLECTION = "ticks"
# Seconds a finished tick is kept: long enough to see what ran last week.
KEEP = 7 * 86400

INDEXES = Indexes(
    COLLECTION,
    [
        *job_indexes(),
        IndexModel([("job.finished_at", ASCENDING)], name="tick_expiry", expireAfterSeconds=KEEP),
    ],
)


@dataclass(frozen=True)
class Schedule:
    """Work that is due again and again; `every` is in seconds, and ticks fall on multiples of it since 1970, UTC."""

    kind: JobKind
    every: float

    def tick_at(self, now: float) -> float:
        """The latest tick that is not later than `now`; both are seconds since 1970."""
        return floor(now / self.every) * self.every


def tick_kind(name: str) -> JobKind:
    """The kind of job that a schedule of this name makes."""
    return JobKind(name, COLLECTION)


class Ticker:
    """Inserts the ticks that are due, once each; the schedules of a restarted one go on where they were."""

    def __init__(self, database: Database[Document], schedules: Iterable[Schedule]) -> None:
        self._ticks = database[COLLECTION]
        self._schedules = list(schedules)
        self._inserted: dict[str, float] = {}

    def tick(self, now: float) -> float:
        """Inserts what is due at `now` and answers the seconds until the next tick.

        Raises PyMongoError when MongoDB is away; the next call tries again.
        """
        for schedule in self._schedules:
            tick = schedule.tick_at(now)
            if self._inserted.get(schedule.kind.name) != tick:
                self._insert(schedule, tick)
                self._inserted[schedule.kind.name] = tick
        return min((each.tick_at(now) + each.every - now for each in self._schedules), default=60.0)

    def _insert(self, schedule: Schedule, tick: float) -> None:
        stamp = datetime.fromtimestamp(tick, UTC).isoformat().replace("+00:00", "Z")
        tick_id = f"{schedule.kind.name}@{stamp}"
        job = new_job(schedule.kind, request_id=tick_id, first_ring=0)
        try:
            self._ticks.insert_one({"_id": tick_id, "job": job})
        except DuplicateKeyError:
            return
