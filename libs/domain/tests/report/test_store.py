from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from common.mongo import apply_indexes
from domain.report.jobs import COMPUTE
from domain.report.model import IdempotencyConflictError, ReportCreate, ReportNotFoundError
from domain.report.service import compute, purge
from domain.report.settings import ReportSettings
from domain.report.store import INDEXES, ReportStore
from jobs.model import JobState
from jobs.store import JobStore
from testing.statements import explained

REQUEST = ReportCreate(title="Response times", values=[3, 1, 2])


@pytest.fixture
def reports(database):
    apply_indexes(database, [INDEXES])
    return ReportStore(database)


@pytest.fixture
def create(reports):
    def accept(request=REQUEST, *, key=None):
        return reports.create(request, idempotency_key=key, request_id="request")

    return accept


@pytest.fixture
def finish(database, reports):
    """Does a report's job as a worker would."""

    def work(report_id):
        jobs = JobStore(database["reports"])
        claim = jobs.claim(report_id, name=COMPUTE.name, owner="worker")
        assert jobs.finish(claim, compute(claim.document, lambda _: None))
        return reports.get(report_id)

    return work


def test_an_accepted_report_is_pending_and_answered_as_it_will_be_read(create, reports):
    report, new = create()
    assert new
    assert (report.status, report.progress, report.attempts, report.result) == (JobState.PENDING, 0, 0, None)
    assert reports.get(report.id) == report
    assert report.created_at.tzinfo is not None


def test_a_finished_report_has_its_result(create, finish):
    report = finish(create()[0].id)
    assert (report.status, report.progress, report.attempts) == (JobState.DONE, 1, 1)
    assert (report.result.mean, report.result.count) == (2, 3)
    assert report.updated_at >= report.created_at


def test_the_same_key_and_body_answer_the_same_report(create, finish):
    first, _ = create(key="k")
    finish(first.id)
    again, new = create(key="k")
    assert (again.id, new, again.status) == (first.id, False, JobState.DONE)


def test_the_same_key_with_another_body_is_refused(create):
    create(key="k")
    with pytest.raises(IdempotencyConflictError):
        create(ReportCreate(title="Response times", values=[3, 1, 2.5]), key="k")


def test_of_fifty_requests_at_once_with_one_key_one_is_new(create):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: create(key="k"), range(50)))
    assert len({report.id for report, _ in answers}) == 1
    assert sum(new for _, new in answers) == 1


def test_a_key_is_free_again_after_a_day(create, database):
    first, _ = create(key="k")
    database["job_keys"].update_one({}, {"$set": {"expires_at": datetime.now(UTC)}})
    second, new = create(ReportCreate(title="Another", values=[1]), key="k")
    assert new
    assert second.id != first.id


def test_reports_are_listed_newest_first_page_by_page(create, reports, finish):
    ids = [create()[0].id for _ in range(5)]
    first = reports.list(status=None, before=None, limit=3)
    rest = reports.list(status=None, before=first[-1].id, limit=3)
    assert [report.id for report in [*first, *rest]] == sorted(ids, reverse=True)
    finish(ids[2])
    assert [report.id for report in reports.list(status=JobState.DONE, before=None, limit=10)] == [ids[2]]


def test_deleting_cancels_what_lives_and_removes_what_is_finished(create, reports, finish):
    pending, _ = create()
    reports.delete(pending.id)
    assert reports.get(pending.id).status is JobState.CANCELLED
    reports.delete(pending.id)
    done, _ = create()
    finish(done.id)
    reports.delete(done.id)
    for report_id in (pending.id, done.id, "0" * 24):
        with pytest.raises(ReportNotFoundError):
            reports.get(report_id)
        with pytest.raises(ReportNotFoundError):
            reports.delete(report_id)


def test_the_purge_removes_old_finished_reports_only(create, reports, finish, database):
    old, young, pending = (create()[0].id for _ in range(3))
    finish(old)
    finish(young)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    database["reports"].update_one({"_id": old}, {"$set": {"job.finished_at": long_ago}})
    database["reports"].update_one({"_id": pending}, {"$set": {"created_at": long_ago}})
    assert purge(database, ReportSettings()) == {"removed": 1}
    assert {report.id for report in reports.list(status=None, before=None, limit=10)} == {young, pending}


LARGE = ReportCreate(title="Large", values=[number / 7 for number in range(100_000)])


def test_a_large_report_is_computed_and_no_statement_carries_its_values(create, finish, database, reports):
    report, _ = create(LARGE, key="k")
    assert database["reports"].find_one({}, {"size": {"$bsonSize": "$$ROOT"}})["size"] < 1000
    assert create(LARGE, key="k") == (report, False)
    assert finish(report.id).result.count == 100_000
    reports.delete(report.id)
    assert database["reports.payloads"].count_documents({}) == 0
    assert create(LARGE, key="k")[1], "the key is free again"


def test_without_any_index_one_key_makes_one_report(database):
    reports = ReportStore(database)
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda _: reports.create(REQUEST, idempotency_key="k", request_id="request"), range(48))
        )
    assert len({report.id for report, _ in answers}) == 1
    assert database["reports"].count_documents({}) == 1
    assert list(database["reports"].index_information()) == ["_id_"]


@pytest.mark.parametrize("status", [None, JobState.PENDING, JobState.DONE])
def test_a_page_reads_as_many_reports_as_it_shows(settings, database, status):
    apply_indexes(database, [INDEXES])
    job = {"state": "pending", "attempt": 0, "progress": 0.0, "error": None, "updated_at": datetime.now(UTC)}
    made = {"title": "t", "result": None, "created_at": job["updated_at"]}
    for first in range(0, 100_000, 10_000):
        state = "pending" if first < 50_000 else "done"
        numbers = range(first, first + 10_000)
        database["reports"].insert_many(
            {"_id": f"{each:024x}", **made, "job": {**job, "state": state}} for each in numbers
        )
    with explained(settings, database) as (watched, reads):
        reports = ReportStore(watched)
        found = reports.list(status=status, before=None, limit=21)
        found += reports.list(status=status, before=found[-1].id, limit=21)
        reports.get(found[0].id)
    assert len({report.id for report in found}) == 42
    assert [(each.keys, each.documents) for each in reads] == [(21, 21), (21, 21), (1, 1)]
