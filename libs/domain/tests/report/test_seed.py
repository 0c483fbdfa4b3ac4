from pymongo.database import Database

from common.mongo import Document
from domain.report.jobs import COMPUTE, REPORTS
from domain.report.model import report_of
from domain.report.seed import EXAMPLES, seed
from domain.report.service import compute
from jobs.runner import run_job
from jobs.store import JobStore


def test_the_examples_are_jobs_that_can_be_done_and_come_once(database: Database[Document]) -> None:
    assert (seed(database), seed(database)) == (len(EXAMPLES), 0)
    store = JobStore(database[REPORTS.name])
    for each in database[REPORTS.name].find():
        run_job(
            store, COMPUTE, each["_id"], lambda claim, attempt: compute(claim.document, attempt.progress), owner="test"
        )
    reports = [report_of(each) for each in database[REPORTS.name].find().sort("_id")]
    assert [(report.title, report.status) for report in reports] == [(each.title, "done") for each in EXAMPLES]
