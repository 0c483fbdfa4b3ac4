"""Reports to look at in development; the worker computes them."""

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.mongo import Document
from domain.report.jobs import COMPUTE, REPORTS
from domain.report.model import ReportCreate
from jobs.model import new_job
from jobs.store import JobStore

EXAMPLES = (
    ReportCreate(title="Rain in March, mm", values=[0.0, 4.2, 1.5, 0.0, 12.8]),
    ReportCreate(title="A single value", values=[42.0]),
)


def seed(database: Database[Document]) -> int:
    """Accept the examples that are not there yet; return how many these were.

    Not by `Jobs.accept`: its keys expire after a day, and the examples would come again.
    """
    reports = JobStore(database[REPORTS.name])
    return sum(_accept(reports, f"{number:024x}", each) for number, each in enumerate(EXAMPLES, 1))


def _accept(reports: JobStore, report_id: str, example: ReportCreate) -> bool:
    job = new_job(COMPUTE, request_id=f"seed-{report_id}", notify_after=0)
    try:
        reports.insert({"_id": report_id, "title": example.title, "job": job}, {"values": example.values})
    except DuplicateKeyError:
        return False
    return True
