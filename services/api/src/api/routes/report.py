"""Reports over HTTP: accepted here, computed by the worker."""

from apiflask import APIBlueprint
from apiflask.schemas import EmptySchema

from common.paging import Page
from domain.report import service
from domain.report.model import Report, ReportCreate
from jobs.resource import JobQuery
from web.context import request_id
from web.extensions.jobs import jobs
from web.extensions.jobs.resources import FULL, NOT_FAILED, IdempotencyHeaders, acceptance, accepted
from web.resources import UNAVAILABLE, IdPath

bp = APIBlueprint(
    "report",
    __name__,
    url_prefix="/api/v1/reports",
    tag={"name": "report", "description": "Statistics of a list of numbers, computed by the worker."},
)

EXAMPLE = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}


@bp.post("")
@bp.input(IdempotencyHeaders, location="headers", arg_name="headers")
@bp.input(ReportCreate, arg_name="body", example=EXAMPLE)
@bp.output(Report, status_code=202)
@bp.doc(operation_id="createReport", responses=acceptance("report") | FULL | UNAVAILABLE)
def create_report(headers: IdempotencyHeaders, body: ReportCreate) -> tuple[Report, int, dict[str, str]]:
    """Have a report made.

    The answer is the report as it is now: `pending`. Follow its `progress` at its `Location`.
    """
    report = service.accept(jobs(), body, key=headers.idempotency_key, request_id=request_id())
    return accepted(report, "report.get_report")


@bp.get("")
@bp.input(JobQuery, location="query", arg_name="query")
@bp.output(Page[Report])
@bp.doc(operation_id="listReports", responses=UNAVAILABLE)
def list_reports(query: JobQuery) -> Page[Report]:
    """List the reports, the newest first."""
    return service.page(jobs(), query)


@bp.get("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Report)
@bp.doc(operation_id="getReport", responses=UNAVAILABLE)
def get_report(path: IdPath, **_: str) -> Report:
    """Show a report.

    Its `result` is there when its `status` is `done`.
    """
    return service.get(jobs(), path.id)


@bp.post("/<id>/retry")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(Report, status_code=202)
@bp.doc(operation_id="retryReport", responses=NOT_FAILED | UNAVAILABLE)
def retry_report(path: IdPath, **_: str) -> Report:
    """Try a failed report again.

    It is `pending` again, with as many attempts before it as a new one; `attempts` goes on counting, and `error` stays
    until the next attempt ends.
    """
    return service.retry(jobs(), path.id, request_id=request_id())


@bp.delete("/<id>")
@bp.input(IdPath, location="path", arg_name="path")
@bp.output(EmptySchema, status_code=204)
@bp.doc(operation_id="deleteReport", responses=UNAVAILABLE)
def delete_report(path: IdPath, **_: str) -> str:
    """Cancel or remove a report.

    A report that is not finished is cancelled, and can still be seen as `cancelled`; any other is removed.
    """
    service.delete(jobs(), path.id)
    return ""
