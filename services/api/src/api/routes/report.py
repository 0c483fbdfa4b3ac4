"""Reports over HTTP: accepted here, computed by the worker."""

from typing import Annotated

from apiflask import APIBlueprint
from apiflask.schemas import EmptySchema
from flask import Response, url_for
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.context import backlog, clients, settings
from api.cursor import CursorError, Cursors
from api.document import Responses
from api.problems import problem, problem_at
from common.logging import REQUEST_ID
from domain.report.jobs import COMPUTE
from domain.report.model import (
    IdempotencyConflictError,
    Report,
    ReportCreate,
    ReportNotFailedError,
    ReportNotFoundError,
    ReportStatus,
)
from domain.report.store import ReportStore
from jobs.backlog import BacklogFullError
from jobs.notify import notify
from jobs.store import JobStore

bp = APIBlueprint(
    "report",
    __name__,
    url_prefix="/api/v1/reports",
    tag={"name": "report", "description": "Statistics of a list of numbers, computed by the worker."},
)

UNAVAILABLE: Responses = {503: {"description": "The database is away; try again after `Retry-After` seconds."}}
FULL: Responses = {
    429: {
        "description": "`JOB_MAX_PENDING` reports wait already; try again after `Retry-After` seconds. Nothing was "
        "accepted. What was accepted before under the same key is answered all the same.",
        "headers": {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer"}}},
    }
}
CREATED: Responses = {
    202: {
        "description": "The report is accepted, and will be computed whatever happens. The same key and body answer "
        "the report that was made first.",
        "headers": {"Location": {"description": "Where the report is.", "schema": {"type": "string"}}},
    }
}
NOT_FAILED: Responses = {409: {"description": "The report has not failed."}}
EXAMPLE = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}

# Visible ASCII, so that a key is the same text for every client, proxy and log.
IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]*$")]


class ReportHeaders(BaseModel):
    """The headers that creating a report reads."""

    idempotency_key: IdempotencyKey | None = Field(
        None, description="Kept for 24 hours: repeating a request with the same key makes nothing twice."
    )


class ReportPath(BaseModel):
    """The id in a report's address."""

    report_id: str = Field(pattern="^[0-9a-f]{24}$", description="The report's id.")


class ReportQuery(BaseModel):
    """The parameters of the listing."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(20, ge=1, le=100, description="How many reports one answer holds at most.")
    status: ReportStatus | None = Field(None, description="Only reports of this status.")
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        None, description="The `next_cursor` of an answer to the same `status`."
    )


class ReportPage(BaseModel):
    """Some reports, the newest first."""

    items: list[Report]
    next_cursor: str | None = Field(description="Ask with this `cursor` for the reports that follow; null at the end.")


def accepted(body: ReportCreate, *, idempotency_key: str | None) -> Report:
    """Accepts a report and rings for it: the one way to make one, also for the page.

    Raises IdempotencyConflictError, and BacklogFullError when no more reports are accepted for now.
    """
    request_id = REQUEST_ID.get()
    if backlog().is_full(JobStore(clients().database[COMPUTE.collection])):
        return _accepted_before(body, idempotency_key)
    report, is_new = _store().create(body, idempotency_key=idempotency_key, request_id=request_id)
    if is_new:
        notify(clients().publisher, COMPUTE, report.id, request_id=request_id)
    return report


def _accepted_before(body: ReportCreate, idempotency_key: str | None) -> Report:
    """What was promised stays so, whatever waits by now."""
    found = _store().replay(body, idempotency_key=idempotency_key) if idempotency_key is not None else None
    if found is None:
        raise BacklogFullError(f"{settings().job_max_pending} reports wait already. Nothing was accepted.")
    return found


@bp.post("")
@bp.input(ReportHeaders, location="headers", arg_name="headers")
@bp.input(ReportCreate, arg_name="body", example=EXAMPLE)
@bp.output(Report, status_code=202)
@bp.doc(operation_id="createReport", responses=CREATED | FULL | UNAVAILABLE)
def create_report(headers: ReportHeaders, body: ReportCreate) -> tuple[Report, int, dict[str, str]]:
    """Have a report made.

    The answer is the report as it is now: `pending`. Follow its `progress` at its `Location`.
    """
    report = accepted(body, idempotency_key=headers.idempotency_key)
    return report, 202, {"Location": url_for("report.get_report", report_id=report.id)}


@bp.get("")
@bp.input(ReportQuery, location="query", arg_name="query")
@bp.output(ReportPage)
@bp.doc(operation_id="listReports", responses=UNAVAILABLE)
def list_reports(query: ReportQuery) -> ReportPage:
    """List the reports, the newest first."""
    cursors = Cursors(settings().secret_key.get_secret_value(), f"report?status={query.status}")
    before = cursors.position_of(query.cursor) if query.cursor is not None else None
    found = _store().list(status=query.status, before=before, limit=query.limit + 1)
    items = found[: query.limit]
    more = len(found) > query.limit
    return ReportPage(items=items, next_cursor=cursors.cursor_after(items[-1].id) if more else None)


@bp.get("/<report_id>")
@bp.input(ReportPath, location="path", arg_name="path")
@bp.output(Report)
@bp.doc(operation_id="getReport", responses=UNAVAILABLE)
def get_report(path: ReportPath, **_: str) -> Report:
    """Show a report.

    Its `result` is there when its `status` is `done`.
    """
    return _store().get(path.report_id)


@bp.post("/<report_id>/retry")
@bp.input(ReportPath, location="path", arg_name="path")
@bp.output(Report, status_code=202)
@bp.doc(operation_id="retryReport", responses=NOT_FAILED | UNAVAILABLE)
def retry_report(path: ReportPath, **_: str) -> tuple[Report, int]:
    """Try a failed report again.

    It is `pending` again, with as many attempts before it as a new one; `attempts` goes on counting, and `error` stays
    until the next attempt ends.
    """
    report = _store().retry(path.report_id)
    notify(clients().publisher, COMPUTE, report.id, request_id=REQUEST_ID.get())
    return report, 202


@bp.delete("/<report_id>")
@bp.input(ReportPath, location="path", arg_name="path")
@bp.output(EmptySchema, status_code=204)
@bp.doc(operation_id="deleteReport", responses=UNAVAILABLE)
def delete_report(path: ReportPath, **_: str) -> tuple[str, int]:
    """Cancel or remove a report.

    A report that is not finished is cancelled, and can still be seen as `cancelled`; any other is removed.
    """
    _store().delete(path.report_id)
    return "", 204


@bp.errorhandler(ReportNotFoundError)
def _on_not_found(_: ReportNotFoundError) -> Response:
    detail = "There is no such report."
    return problem_at("path", "report_id", "No report has this id.", status=404, detail=detail)


@bp.errorhandler(ReportNotFailedError)
def _on_not_failed(error: ReportNotFailedError) -> Response:
    return problem(409, f"The report is {error}; only a failed one can be tried again.")


@bp.errorhandler(IdempotencyConflictError)
def _on_conflict(_: IdempotencyConflictError) -> Response:
    return problem_at("header", "Idempotency-Key", "The key was used with another body in the last 24 hours.")


@bp.errorhandler(CursorError)
def _on_cursor(error: CursorError) -> Response:
    return problem_at("query", "cursor", str(error))


def _store() -> ReportStore:
    return ReportStore(clients().database)
