"""How the durable jobs of all collections stand, told from an index alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo.collection import Collection
from pymongo.database import Database

from common.mongo import Document
from jobs.model import OPEN, JobState

# As far as jobs are counted: more would take seconds, and add nothing.
COUNTED = 100_000

# Every time is later; a job that does not tell when it was accepted has none.
_BEGINNING = datetime.fromtimestamp(0, UTC)
_AGE: Document = {"$divide": [{"$subtract": ["$$NOW", "$job.created_at"]}, 1000]}


@dataclass(frozen=True)
class JobStats:
    """The jobs of one name in one state: how many, and how many seconds ago the oldest of them was accepted.

    The number is at most `COUNTED`. The age is on the server's clock; None when no job tells when it was accepted.
    """

    collection: str
    name: str
    state: JobState
    count: int
    oldest: float | None


def job_stats(database: Database[Document], collections: Iterable[str]) -> list[JobStats]:
    """Return the open jobs: pending, running and failed. Raises PyMongoError.

    Those that ended well are not counted: there is no limit to them. Reads no document where a collection has its
    `job_indexes()`, and of the index what is counted; the oldest is its first entry.
    """
    return [
        stats
        for collection in collections
        for name in names(database[collection], OPEN)
        for state in OPEN
        if (stats := _stats(database[collection], name, state)) is not None
    ]


def names(collection: Collection[Document], states: Iterable[JobState]) -> list[str]:
    """Return the names of the jobs that are in one of some open states; reads one entry of the index for each."""
    return sorted(collection.distinct("job.name", {"job.state": {"$in": [*states]}}))


def shown(count: int) -> str:
    """Return a number of jobs as text: `100,000+` for what was not counted to its end."""
    return f"{count:,}+" if count >= COUNTED else f"{count:,}"


def _stats(collection: Collection[Document], name: str, state: JobState) -> JobStats | None:
    wanted = {"job.state": state, "job.name": name}
    count = collection.count_documents(wanted, limit=COUNTED)
    if not count:
        return None
    oldest: list[Document] = [
        {"$match": {**wanted, "job.created_at": {"$gt": _BEGINNING}}},
        {"$sort": {"job.created_at": 1}},
        {"$limit": 1},
        {"$project": {"_id": False, "age": _AGE}},
    ]
    ages = list(collection.aggregate(oldest))
    return JobStats(collection.name, name, state, count, ages[0]["age"] if ages else None)
