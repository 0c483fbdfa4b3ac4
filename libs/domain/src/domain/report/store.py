"""Where reports are kept: documents that carry their own job, so accepting one is a single insert."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.jobs.model import JobState, job_indexes, new_job
from common.jobs.store import JobStore
from common.mongo import Document, Indexes
from domain.report.jobs import COLLECTION, COMPUTE
from domain.report.model import (
    IdempotencyConflictError,
    Report,
    ReportCreate,
    ReportNotFailedError,
    ReportNotFoundError,
)

# How long a request with the same idempotency key is answered with the first one's report.
KEY_LIFETIME = timedelta(hours=24)

INDEXES = Indexes(
    COLLECTION,
    [
        *job_indexes(),
        IndexModel([("job.state", ASCENDING), ("_id", DESCENDING)], name="report_status"),
        IndexModel(
            [("job.finished_at", ASCENDING)],
            name="report_age",
            partialFilterExpression={"job.finished_at": {"$exists": True}},
        ),
        IndexModel(
            [("idempotency.key", ASCENDING)],
            name="report_idempotency",
            unique=True,
            partialFilterExpression={"idempotency.key": {"$exists": True}},
        ),
    ],
)

# The values may be megabytes; only the worker needs them.
_SHOWN = {"values": False, "idempotency": False}


class ReportStore:
    """The reports of one database."""

    def __init__(self, database: Database[Document]) -> None:
        self._reports = database[COLLECTION]

    def create(self, request: ReportCreate, *, idempotency_key: str | None, request_id: str) -> tuple[Report, bool]:
        """Accepts a report, and answers it with whether it is new.

        When it returns, the report is in the journal of a majority. Raises IdempotencyConflictError when the key
        stands for another request.
        """
        document = _new_document(request, request_id)
        if idempotency_key is None:
            self._reports.insert_one(document)
            return _report(document), True
        document["idempotency"] = {"key": idempotency_key, "digest": _digest(request)}
        while True:
            try:
                self._reports.insert_one(document)
            except DuplicateKeyError:
                if (found := self._replayed(document["idempotency"])) is not None:
                    return found, False
            else:
                return _report(document), True

    def replay(self, request: ReportCreate, *, idempotency_key: str) -> Report | None:
        """The report that was accepted for this key and request, if there is one. Raises IdempotencyConflictError."""
        return self._replayed({"key": idempotency_key, "digest": _digest(request)})

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
        if JobStore(self._reports).cancel(report_id):
            return
        if self._reports.delete_one({"_id": report_id}).deleted_count == 0:
            raise ReportNotFoundError(report_id)

    def retry(self, report_id: str) -> Report:
        """Makes a failed report pending again. Raises ReportNotFoundError and ReportNotFailedError."""
        reopened = JobStore(self._reports).reopen(report_id)
        report = self.get(report_id)
        if not reopened:
            raise ReportNotFailedError(report.status)
        return report

    def purge(self, older_than: timedelta) -> int:
        """Removes the reports that were finished longer ago than that; answers how many."""
        limit = {"$subtract": ["$$NOW", round(older_than.total_seconds() * 1000)]}
        old = {"job.finished_at": {"$exists": True}, "$expr": {"$lt": ["$job.finished_at", limit]}}
        return self._reports.delete_many(old).deleted_count

    def _replayed(self, idempotency: Document) -> Report | None:
        """The report that has the key, or None when the key has become free meanwhile."""
        document = self._reports.find_one({"idempotency.key": idempotency["key"]}, {"values": False})
        if document is None:
            return None
        if document["created_at"] < datetime.now(UTC) - KEY_LIFETIME:
            mine = {"_id": document["_id"], "idempotency.key": idempotency["key"]}
            self._reports.update_one(mine, {"$unset": {"idempotency": True}})
            return None
        if document["idempotency"]["digest"] != idempotency["digest"]:
            raise IdempotencyConflictError(idempotency["key"])
        return _report(document)


def _new_document(request: ReportCreate, request_id: str) -> Document:
    job = new_job(COMPUTE, request_id=request_id)
    return {
        "_id": str(ObjectId()),
        "title": request.title,
        "values": request.values,
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
