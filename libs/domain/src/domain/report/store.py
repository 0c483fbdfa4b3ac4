"""Where reports are kept: documents that carry their own job, so accepting one is a single insert."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

from common.mongo import Document, Indexes
from domain.report.jobs import COLLECTION, COMPUTE
from domain.report.model import (
    IdempotencyConflictError,
    Report,
    ReportCreate,
    ReportNotFailedError,
    ReportNotFoundError,
)
from jobs.accept import accept, accepted_before
from jobs.keys import KEEP, KeyConflictError, UniqueKey
from jobs.model import JobState, job_indexes, new_job
from jobs.store import JobStore

# How long a request with the same idempotency key is answered with the first one's report.
KEY_LIFETIME = timedelta(seconds=KEEP)

INDEXES = Indexes(
    COLLECTION, [*job_indexes(), IndexModel([("job.state", ASCENDING), ("_id", DESCENDING)], name="report_status")]
)

# The values may be many; only the worker needs them.
_SHOWN = {"values": False}


class ReportStore:
    """The reports of one database."""

    def __init__(self, database: Database[Document]) -> None:
        self._reports = database[COLLECTION]
        self._jobs = JobStore(self._reports)

    def create(self, request: ReportCreate, *, idempotency_key: str | None, request_id: str) -> tuple[Report, bool]:
        """Accepts a report, and answers it with whether it is new.

        When it returns, the report is in the journal of a majority. Raises IdempotencyConflictError when the key
        stands for another request.
        """
        key = None if idempotency_key is None else _key(request, idempotency_key)
        with _conflicts():
            document, is_new = accept(self._jobs, _new_document(request, request_id), _payload(request), key=key)
        return _report(document), is_new

    def replay(self, request: ReportCreate, *, idempotency_key: str) -> Report | None:
        """The report that was accepted for this key and request, if there is one. Raises IdempotencyConflictError."""
        with _conflicts():
            document = accepted_before(self._jobs, _key(request, idempotency_key))
        return None if document is None else _report(document)

    def get(self, report_id: str) -> Report:
        """One report. Raises ReportNotFoundError."""
        document = self._reports.find_one({"_id": report_id}, _SHOWN)
        if document is None:
            raise ReportNotFoundError(report_id)
        return _report(document)

    def list(self, *, status: JobState | None, before: str | None, limit: int) -> list[Report]:
        """The newest reports first, those before the given id, `limit` at most."""
        wanted: Document = {}
        if status is not None:
            wanted["job.state"] = status
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = self._reports.find(wanted, _SHOWN).sort("_id", DESCENDING).limit(limit)
        return [_report(document) for document in found]

    def delete(self, report_id: str) -> None:
        """Cancels a report that is not finished, which stays to be seen as `cancelled`; removes one that is.

        Raises ReportNotFoundError.
        """
        if self._jobs.cancel(report_id) or self._jobs.remove(report_id):
            return
        if self._reports.find_one({"_id": report_id}, {"_id": True}) is None:
            raise ReportNotFoundError(report_id)
        # A person had it tried again between the two steps.
        self.delete(report_id)

    def retry(self, report_id: str) -> Report:
        """Makes a failed report pending again. Raises ReportNotFoundError and ReportNotFailedError."""
        reopened = self._jobs.reopen(report_id)
        report = self.get(report_id)
        if not reopened:
            raise ReportNotFailedError(report.status)
        return report

    def purge(self, older_than: timedelta) -> int:
        """Removes the reports that were finished longer ago than that; answers how many."""
        return self._jobs.purge(COMPUTE.name, older_than)


@contextmanager
def _conflicts() -> Iterator[None]:
    try:
        yield
    except KeyConflictError as error:
        raise IdempotencyConflictError(str(error)) from error


def _key(request: ReportCreate, idempotency_key: str) -> UniqueKey:
    return UniqueKey(feature="report", key=idempotency_key, digest=_digest(request))


def _payload(request: ReportCreate) -> Document:
    return {"values": request.values}


def _new_document(request: ReportCreate, request_id: str) -> Document:
    job = new_job(COMPUTE, request_id=request_id)
    return {
        "_id": str(ObjectId()),
        "title": request.title,
        "result": None,
        "created_at": job["updated_at"],
        "job": job,
    }


def _digest(request: ReportCreate) -> str:
    body = json.dumps(request.model_dump(), sort_keys=True, allow_nan=False)
    return hashlib.sha256(body.encode()).hexdigest()


def _report(document: Document) -> Report:
    job: dict[str, Any] = document["job"]
    return Report(
        id=document["_id"],
        title=document["title"],
        status=job["state"],
        progress=job["progress"],
        attempts=job["attempt"],
        error=job["error"],
        result=document["result"],
        created_at=document["created_at"],
        updated_at=job["updated_at"],
    )
