"""What can be done with reports; everything it takes is a parameter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from common.mongo import Document
from common.paging import Page
from domain.report.jobs import COMPUTE, REPORTS
from domain.report.model import Report, ReportCreate, report_of
from domain.report.settings import ReportSettings
from domain.report.statistics import summarize
from jobs.resource import JobQuery
from jobs.service import Jobs
from jobs.store import JobStore


def accept(jobs: Jobs, request: ReportCreate, *, key: str | None, request_id: str) -> Report:
    """Accept a report. Raises KeyConflictError and BacklogFullError."""
    return report_of(jobs.accept(COMPUTE, request.model_dump(), key=key, request_id=request_id))


def get(jobs: Jobs, report_id: str) -> Report:
    """Return one report. Raises NotFoundError."""
    return report_of(jobs.get(COMPUTE, report_id))


def page(jobs: Jobs, query: JobQuery) -> Page[Report]:
    """Return a page of reports, the newest first. Raises ForeignCursorError."""
    page = jobs.page(COMPUTE, query)
    return Page[Report](items=[report_of(document) for document in page.items], next_cursor=page.next_cursor)


def delete(jobs: Jobs, report_id: str) -> None:
    """Cancel a report that is not finished, and remove one that is. Raises NotFoundError."""
    jobs.cancel_or_delete(COMPUTE, report_id)


def retry(jobs: Jobs, report_id: str, *, request_id: str) -> Report:
    """Make a failed report pending again. Raises NotFoundError and WrongStateError."""
    return report_of(jobs.retry(COMPUTE, report_id, request_id=request_id))


def compute(document: Document, progress: Callable[[float], None]) -> dict[str, Any]:
    """Return the effect of a report's job: the fields that are written together with `done`."""
    return {"result": summarize(document["values"], progress).model_dump()}


def purge(database: Database[Document], settings: ReportSettings) -> dict[str, Any]:
    """Remove what is older than the settings allow; the effect is the number, kept in the tick's document."""
    kept = timedelta(days=settings.report_keep_days)
    return {"removed": JobStore(database[REPORTS.name]).purge(COMPUTE.name, kept)}
