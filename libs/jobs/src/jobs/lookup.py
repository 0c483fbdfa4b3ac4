"""Finds jobs for a person, wherever they stand, and never reads what they are about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo.database import Database

from common.mongo import Document
from jobs.model import OPEN, JobState
from jobs.stats import names

# Every time is later.
_BEGINNING = datetime.fromtimestamp(0, UTC)
_AGE = {"$divide": [{"$subtract": ["$$NOW", "$job.created_at"]}, 1000]}


@dataclass(frozen=True)
class FoundJob:
    """A job as it stands; `age` is in seconds since it was accepted, None for one that does not tell."""

    id: str
    collection: str
    age: float | None
    job: Document


@dataclass(frozen=True)
class Wanted:
    """Which jobs to find: all that is open unless states are named; `older_than` is in seconds."""

    states: Sequence[JobState] = (JobState.FAILED, JobState.RUNNING, JobState.PENDING)
    name: str | None = None
    older_than: float = 0
    limit: int = 20


def find_jobs(database: Database[Document], collections: Iterable[str], wanted: Wanted) -> list[FoundJob]:
    """Return the jobs that are wanted, by state; open ones the oldest first, ended ones the latest first.

    Each step reads no more documents than are wanted, in collections that have the indexes of jobs.
    """
    names, jobs = list(collections), list[FoundJob]()
    for state in wanted.states:
        lists = (_open if state in OPEN else _ended)(database, names, state, wanted)
        jobs += sorted(lists, key=_accepted_at, reverse=state not in OPEN)[: wanted.limit]
    return jobs[: wanted.limit]


def find_job(database: Database[Document], collections: Iterable[str], job_id: str) -> tuple[FoundJob, Document] | None:
    """Return one job, with the names of its document's fields and its size in bytes; None when there is none."""
    names: Document = {"$map": {"input": {"$objectToArray": "$$ROOT"}, "in": "$$this.k"}}
    about = {"job": True, "age": _AGE, "document": {"fields": names, "bytes": {"$bsonSize": "$$ROOT"}}}
    for collection in collections:
        for document in database[collection].aggregate([{"$match": {"_id": job_id}}, {"$project": about}]):
            return FoundJob(document["_id"], collection, document["age"], document["job"]), document["document"]
    return None


def _accepted_at(job: FoundJob) -> datetime:
    # Not the age: each list was made at another time.
    accepted: datetime = job.job.get("created_at", datetime.min.replace(tzinfo=UTC))
    return accepted


def _open(database: Database[Document], collections: Sequence[str], state: JobState, wanted: Wanted) -> list[FoundJob]:
    return [
        job
        for collection in collections
        for name in _wanted(names(database[collection], [state]), wanted)
        for job in _find(database, collection, {"job.state": state, "job.name": name}, "job.created_at", 1, wanted)
    ]


def _ended(database: Database[Document], collections: Sequence[str], state: JobState, wanted: Wanted) -> list[FoundJob]:
    ended = {"job.state": state, "job.finished_at": {"$gt": _BEGINNING}}
    return [
        job
        for collection in collections
        for name in _wanted(sorted(database[collection].distinct("job.name", ended)), wanted)
        for job in _find(database, collection, {**ended, "job.name": name}, "job.finished_at", -1, wanted)
    ]


def _wanted(names: Iterable[str], wanted: Wanted) -> list[str]:
    return [name for name in names if wanted.name in (None, name)]


def _find(
    database: Database[Document], collection: str, match: Document, by: str, order: int, wanted: Wanted
) -> list[FoundJob]:
    # In this form it is a range of the index, which need not be read from its beginning to be found empty.
    old = {"$lte": ["$job.created_at", {"$subtract": ["$$NOW", round(wanted.older_than * 1000)]}]}
    pipeline: list[Document] = [
        {"$match": {**match, "$expr": old} if wanted.older_than else match},
        {"$sort": {by: order}},
        {"$limit": wanted.limit},
        {"$project": {"job": True, "age": _AGE}},
    ]
    return [
        FoundJob(document["_id"], collection, document["age"], document["job"])
        for document in database[collection].aggregate(pipeline)
    ]
