"""Reports over a real MongoDB; what all jobs have in common is tested with the jobs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.database import Database

from common.mongo import Document, apply_indexes
from common.queue.clients import QueueClients
from domain.report import FEATURE, service
from domain.report.jobs import COMPUTE, REPORTS
from domain.report.model import Report, ReportCreate
from domain.report.settings import ReportSettings
from jobs.declared import all_collections
from jobs.keys import KeyConflictError
from jobs.model import JobState
from jobs.resource import JobQuery
from jobs.service import Jobs
from jobs.store import JobStore

REQUEST = ReportCreate(title="Response times", values=[3, 1, 2])


@pytest.fixture
def jobs(clients: QueueClients, database: Database[Document]) -> Jobs:
    apply_indexes(database, all_collections([FEATURE]))
    return Jobs(clients)


@pytest.fixture
def create(jobs: Jobs) -> Callable[..., Report]:
    def accept(request: ReportCreate = REQUEST, *, key: str | None = None) -> Report:
        return service.accept(jobs, request, key=key, request_id="request")

    return accept


@pytest.fixture
def finish(database: Database[Document], jobs: Jobs) -> Callable[[str], Report]:
    """Does a report's job as a worker would."""

    def work(report_id: str) -> Report:
        store = JobStore(database[REPORTS.name])
        claim = store.claim(report_id, name=COMPUTE.name, owner="worker")
        assert claim is not None
        assert store.finish(claim, service.compute(claim.document, lambda _: None))
        return service.get(jobs, report_id)

    return work


def test_a_finished_report_has_its_result(create: Callable[..., Report], finish: Callable[[str], Report]) -> None:
    accepted = create()
    assert (accepted.title, accepted.status, accepted.result) == ("Response times", JobState.PENDING, None)
    report = finish(accepted.id)
    assert (report.status, report.progress, report.attempts) == (JobState.DONE, 1, 1)
    assert report.result is not None
    assert (report.result.mean, report.result.count) == (2, 3)


def test_a_key_stands_for_all_that_was_asked(create: Callable[..., Report]) -> None:
    report = create(key="k")
    assert create(key="k") == report
    for other in (ReportCreate(title="Another", values=[3, 1, 2]), ReportCreate(title="Response times", values=[3])):
        with pytest.raises(KeyConflictError):
            create(other, key="k")


def test_the_purge_removes_old_finished_reports_only(
    create: Callable[..., Report], jobs: Jobs, finish: Callable[[str], Report], database: Database[Document]
) -> None:
    old, young, pending = (create().id for _ in range(3))
    finish(old)
    finish(young)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    database[REPORTS.name].update_one({"_id": old}, {"$set": {"job.finished_at": long_ago}})
    database[REPORTS.name].update_one({"_id": pending}, {"$set": {"job.created_at": long_ago}})
    assert service.purge(database, ReportSettings()) == {"removed": 1}
    assert {report.id for report in service.page(jobs, JobQuery()).items} == {young, pending}


def test_a_report_of_the_largest_size_is_computed(
    create: Callable[..., Report], finish: Callable[[str], Report]
) -> None:
    large = ReportCreate(title="Large", values=[number / 7 for number in range(100_000)])
    report = finish(create(large).id)
    assert report.result is not None
    assert report.result.count == 100_000
