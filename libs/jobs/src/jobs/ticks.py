"""Schedules: a tick is a durable job whose `_id` is the schedule and the time, so two schedulers do the work once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import floor

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.access import READ, WRITE
from common.config import Settings
from common.mongo import CollectionSpec, Document
from jobs.model import JobKind, job_indexes, new_job

COLLECTION = "ticks"
# Seconds a finished tick is kept: long enough to see what ran last week.
KEEP = 7 * 86400

INDEXES = CollectionSpec(
    COLLECTION,
    [
        *job_indexes(),
        IndexModel([("job.finished_at", ASCENDING)], name="tick_expiry", expireAfterSeconds=KEEP),
    ],
    access={"api": READ, "worker": WRITE},
)


@dataclass(frozen=True)
class Tick(JobKind):
    """A kind of job that a schedule makes; `every` takes the number of seconds from the settings."""

    every: Callable[[Settings], float] = field(kw_only=True)


@dataclass(frozen=True)
class Schedule:
    """Work that is due again and again; `every` is in seconds, and ticks fall on multiples of it since 1970, UTC."""

    kind: JobKind
    every: float

    def tick_at(self, now: float) -> float:
        """Return the latest tick that is not later than `now`; both are seconds since 1970."""
        return floor(now / self.every) * self.every


def tick(name: str, every: Callable[[Settings], float]) -> Tick:
    """Declare the kind of job that a schedule of this name makes."""
    return Tick(name, COLLECTION, every=every)


class Ticker:
    """Inserts the ticks that are due, once each; the schedules of a restarted one go on where they were."""

    def __init__(self, database: Database[Document], schedules: Iterable[Schedule]) -> None:
        self._ticks = database[COLLECTION]
        self._schedules = list(schedules)
        self._inserted: dict[str, float] = {}

    def tick(self, now: float) -> float:
        """Insert what is due at `now` and return the seconds until the next tick.

        Raises PyMongoError when MongoDB is away; the next call tries again.
        """
        for schedule in self._schedules:
            due_at = schedule.tick_at(now)
            if self._inserted.get(schedule.kind.name) != due_at:
                self._insert(schedule, due_at)
                self._inserted[schedule.kind.name] = due_at
        return min((schedule.tick_at(now) + schedule.every - now for schedule in self._schedules), default=60.0)

    def _insert(self, schedule: Schedule, due_at: float) -> None:
        stamp = datetime.fromtimestamp(due_at, UTC).isoformat().replace("+00:00", "Z")
        tick_id = f"{schedule.kind.name}@{stamp}"
        job = new_job(schedule.kind, request_id=tick_id, notify_after=0)
        try:
            self._ticks.insert_one({"_id": tick_id, "job": job})
        except DuplicateKeyError:
            return
