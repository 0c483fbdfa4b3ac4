"""A job as a resource: what a client sees of any job, whatever it is about."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from common.mongo import Document
from common.paging import PageQuery
from common.resource import Id
from jobs.model import JobState


class JobResource(BaseModel):
    """What every resource tells that a job computes; times are in UTC."""

    id: Id
    status: JobState
    progress: float = Field(ge=0, le=1)
    attempts: int = Field(ge=0, description="How often a worker has begun it.")
    error: str | None = Field(
        description="Why the last attempt failed, if it did; of an unexpected error only the request."
    )
    created_at: datetime
    updated_at: datetime


class JobQuery(PageQuery):
    """Which part of a listing of jobs is asked for."""

    status: JobState | None = Field(None, description="Only items of this status.")


def job_fields(document: Document) -> dict[str, Any]:
    """Return the fields of a JobResource that stand for a document's job."""
    job = document["job"]
    return {
        "id": document["_id"],
        "status": job["state"],
        "progress": job["progress"],
        "attempts": job["attempt"],
        "error": job["error"],
        "created_at": job["created_at"],
        "updated_at": job["updated_at"],
    }
