"""Reports over HTTP; what all resources have in common is tested with the feature that only tests use."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from common.mongo import Document
from domain.report import service
from domain.report.jobs import COMPUTE, REPORTS
from jobs.model import Claim
from jobs.runner import Attempt, run_job
from jobs.store import JobStore
from testing.structure import structure_of

URL = "/api/v1/reports"
BODY = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}


@pytest.fixture
def created(api: FlaskClient) -> dict[str, Any]:
    report: dict[str, Any] = api.post(URL, json=BODY).get_json()
    return report


@pytest.fixture
def done(created: dict[str, Any], database: Database[Document]) -> str:
    """The id of a report whose work was done."""

    def work(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        return service.compute(claim.document, attempt.progress)

    run_job(JobStore(database[REPORTS.name]), COMPUTE, created["id"], work, owner="test")
    return str(created["id"])


def fail(database: Database[Document], report_id: str) -> None:
    store = JobStore(database[REPORTS.name])
    claim = store.claim(report_id, name=COMPUTE.name, owner="test")
    assert claim is not None
    store.fail(claim, "it broke")


def test_a_report_is_accepted_with_its_address(api: FlaskClient, sample: Callable[[str], Any]) -> None:
    response = api.post(URL, json=BODY, headers={"Idempotency-Key": "key"})
    report = response.get_json()
    assert (response.status_code, report["title"], report["status"]) == (202, "Response times", "pending")
    assert response.headers["Location"] == f"{URL}/{report['id']}"
    assert api.get(response.headers["Location"]).get_json() == report
    assert api.post(URL, json=BODY, headers={"Idempotency-Key": "key"}).get_json() == report
    assert structure_of(report) == structure_of(sample("report/createReport"))


def test_a_finished_report_shows_its_result(api: FlaskClient, done: str, sample: Callable[[str], Any]) -> None:
    report = api.get(f"{URL}/{done}").get_json()
    assert (report["status"], report["progress"], report["attempts"]) == ("done", 1.0, 1)
    assert (report["result"]["count"], report["result"]["median"]) == (5, 3.5)
    assert len(report["result"]["histogram"]["counts"]) == 20
    assert structure_of(report) == structure_of(sample("report/getReport"))


def test_reports_are_listed_the_newest_first(api: FlaskClient, done: str, sample: Callable[[str], Any]) -> None:
    newer = [api.post(URL, json={"title": title, "values": [1]}).get_json()["id"] for title in ("b", "c")]
    first = api.get(URL, query_string={"limit": 2}).get_json()
    rest = api.get(URL, query_string={"limit": 2, "cursor": first["next_cursor"]}).get_json()
    listing = {"items": first["items"] + rest["items"], "next_cursor": first["next_cursor"]}
    assert [report["id"] for report in listing["items"]] == [*newer[::-1], done]
    assert structure_of(listing) == structure_of(sample("report/listReports"))
    assert [report["id"] for report in api.get(f"{URL}?status=done").get_json()["items"]] == [done]


def test_a_failed_report_is_retried(
    api: FlaskClient, created: dict[str, Any], database: Database[Document], sample: Callable[[str], Any]
) -> None:
    path = f"{URL}/{created['id']}/retry"
    refused = api.post(path)
    assert (refused.status_code, "report is pending" in refused.get_json(force=True)["detail"]) == (409, True)
    fail(database, created["id"])
    response = api.post(path)
    report = response.get_json()
    assert (response.status_code, report["status"], report["error"]) == (202, "pending", "it broke")
    assert structure_of(report) == structure_of(sample("report/retryReport"))


def test_deleting_cancels_and_then_removes(api: FlaskClient, created: dict[str, Any]) -> None:
    path = f"{URL}/{created['id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).get_json()["status"] == "cancelled"
    assert api.delete(path).status_code == 204
    missing = api.get(path)
    assert (missing.status_code, missing.get_json(force=True)["detail"]) == (404, "There is no such report.")
