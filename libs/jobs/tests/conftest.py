"""A collection of durable jobs, and what tests do with it."""

from typing import Protocol

import pytest
from pymongo.database import Database

from common.mongo import CollectionSpec, Document, apply_indexes
from jobs.model import Claim, JobKind, JobPolicy, job_indexes, new_job
from jobs.store import JobStore
from testing.documents import stored


class Post(Protocol):
    """What the fixture `post` is."""

    def __call__(self, job_id: str = "a", *, due: bool = False) -> str: ...


class TryClaim(Protocol):
    """What the fixture `try_claim` is."""

    def __call__(self, job_id: str = "a", owner: str = "worker1", *, process: str = "") -> Claim | None: ...


class ClaimJob(Protocol):
    """What the fixture `claim` is."""

    def __call__(self, job_id: str = "a", owner: str = "worker1", *, process: str = "") -> Claim: ...


class Notified(Protocol):
    """What the fixture `notified` is."""

    def __call__(self, limit: int = 1, by: str = "sweeper") -> list[str]: ...


class JobField(Protocol):
    """What the fixture `job` is."""

    def __call__(self, job_id: str = "a") -> Document: ...


@pytest.fixture
def kind() -> JobKind:
    return JobKind("test.work", "things")


@pytest.fixture
def store(database: Database[Document], kind: JobKind) -> JobStore:
    """Leases of 0.6 seconds, three attempts."""
    apply_indexes(database, [CollectionSpec(kind.collection, job_indexes())])
    return JobStore(database[kind.collection], JobPolicy(lease=0.6, max_attempts=3))


@pytest.fixture
def post(database: Database[Document], kind: JobKind) -> Post:
    """Inserts a document with a pending job."""

    def insert(job_id: str = "a", *, due: bool = False) -> str:
        job = new_job(kind, request_id=f"request-{job_id}", notify_after=0 if due else 60)
        database[kind.collection].insert_one({"_id": job_id, "job": job})
        return job_id

    return insert


@pytest.fixture
def try_claim(store: JobStore, kind: JobKind) -> TryClaim:
    """Claims a job for an owner, if it is to be had."""

    def claim_job(job_id: str = "a", owner: str = "worker1", *, process: str = "") -> Claim | None:
        return store.claim(job_id, name=kind.name, owner=owner, process=process)

    return claim_job


@pytest.fixture
def claim(try_claim: TryClaim) -> ClaimJob:
    """Claims a job for an owner; it must be to be had."""

    def claim_job(job_id: str = "a", owner: str = "worker1", *, process: str = "") -> Claim:
        claimed = try_claim(job_id, owner, process=process)
        assert claimed is not None, f"{job_id} is not to be had"
        return claimed

    return claim_job


@pytest.fixture
def notified(store: JobStore) -> Notified:
    """Takes the jobs that are due for this sweeper, and answers their ids."""
    return lambda limit=1, by="sweeper": [job.id for job in store.notify(store.due(limit), by)]


@pytest.fixture
def job(database: Database[Document], kind: JobKind) -> JobField:
    """The job field of a document, as it stands in the database now."""

    def job_of(job_id: str = "a") -> Document:
        field: Document = stored(database[kind.collection], job_id)["job"]
        return field

    return job_of
