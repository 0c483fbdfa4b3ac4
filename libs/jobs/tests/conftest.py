"""A collection of durable jobs, and what tests do with it."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from common.mongo import CollectionSpec, Document, apply_indexes
from jobs.model import JobKind, JobPolicy, job_indexes, new_job
from jobs.store import JobStore
from testing.documents import stored


@pytest.fixture
def kind() -> JobKind:
    return JobKind("test.work", "things")


@pytest.fixture
def store(database: Database[Document], kind: JobKind) -> JobStore:
    """Leases of 0.6 seconds, three attempts."""
    apply_indexes(database, [CollectionSpec(kind.collection, job_indexes())])
    return JobStore(database[kind.collection], JobPolicy(lease=0.6, max_attempts=3))


@pytest.fixture
def post(database: Database[Document], kind: JobKind) -> Callable[..., str]:
    """Inserts a document with a pending job."""

    def insert(job_id: str = "a", *, due: bool = False) -> str:
        job = new_job(kind, request_id=f"request-{job_id}", notify_after=0 if due else 60)
        database[kind.collection].insert_one({"_id": job_id, "job": job})
        return job_id

    return insert


@pytest.fixture
def claim(store: JobStore, kind: JobKind) -> Callable[..., Any]:
    """Claims a job for an owner."""
    return lambda job_id="a", owner="worker1", process="": store.claim(
        job_id, name=kind.name, owner=owner, process=process
    )


@pytest.fixture
def notified(store: JobStore) -> Callable[..., Any]:
    """Takes the jobs that are due for this sweeper, and answers their ids."""
    return lambda limit=1, by="sweeper": [job.id for job in store.notify(store.due(limit), by)]


@pytest.fixture
def job(database: Database[Document], kind: JobKind) -> Callable[..., Any]:
    """The job field of a document, as it stands in the database now."""
    return lambda job_id="a": stored(database[kind.collection], job_id)["job"]
