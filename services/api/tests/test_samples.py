"""Each endpoint's answer has the structure of its sample in `docs/samples`; change both together."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database
from pytest_httpserver import HTTPServer

from api.app import create_app
from api.document import operations
from api.openapi import document
from common.clients import Clients
from common.config import Settings
from common.mongo import Document
from domain.ipecho.settings import IpechoSettings
from domain.report import service
from domain.report.jobs import COMPUTE
from jobs.model import Claim
from jobs.runner import Attempt, run_job
from jobs.store import JobStore
from testing.structure import structure_of

REPORTS = "/api/v1/reports"
# These answer with no body.
BODILESS = {"deleteReport"}


@pytest.fixture
def samples(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath / "docs/samples"


@pytest.fixture
def sample(samples: Path) -> Callable[[str], Any]:
    return lambda name: json.loads((samples / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def created(api: FlaskClient) -> dict[str, Any]:
    report: dict[str, Any] = api.post(REPORTS, json={"title": "a", "values": [3.5, 1]}).get_json()
    return report


@pytest.fixture
def done(created: dict[str, Any], database: Database[Document]) -> str:
    def work(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        return service.compute(claim.document, attempt.progress)

    run_job(JobStore(database[COMPUTE.collection]), COMPUTE, created["id"], work, owner="test")
    return str(created["id"])


def test_every_operation_has_its_sample_and_every_sample_its_operation(samples: Path) -> None:
    names = {operation["operationId"] for operation in operations(document())}
    assert {path.stem for path in samples.iterdir()} == names - BODILESS


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("getHello", "/api/v1/hello"),
        ("getHealth", "/healthz"),
        ("getReadiness", "/readyz"),
        ("getVersion", "/version"),
        ("getIndex", "/"),
    ],
)
def test_a_plain_answer_has_the_structure_of_its_sample(
    api: FlaskClient, sample: Callable[[str], Any], name: str, path: str
) -> None:
    assert structure_of(api.get(path).get_json()) == structure_of(sample(name))


def test_an_address_has_the_structure_of_its_sample(
    httpserver: HTTPServer, sample: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    httpserver.expect_request("/").respond_with_data("203.0.113.7")
    environ = {"ENVIRONMENT": "test", "IPECHO_URL": httpserver.url_for("/"), "IPECHO_TIMEOUT": "10"}
    settings = Settings.load(environ, env_files=(), sections=[IpechoSettings])
    with Clients(settings) as clients:
        answer = create_app(settings, clients).test_client().get("/api/v1/ipecho").get_json()
    assert structure_of(answer) == structure_of(sample("getIpecho"))


def test_a_new_report_has_the_structure_of_its_sample(created: dict[str, Any], sample: Callable[[str], Any]) -> None:
    assert structure_of(created) == structure_of(sample("createReport"))


def test_a_report_that_is_tried_again_has_the_structure_of_its_sample(
    api: FlaskClient, created: dict[str, Any], database: Database[Document], sample: Callable[[str], Any]
) -> None:
    database[COMPUTE.collection].update_one(
        {"_id": created["id"]}, {"$set": {"job.state": "failed", "job.error": "no"}}
    )
    answer = api.post(f"{REPORTS}/{created['id']}/retry").get_json()
    assert structure_of(answer) == structure_of(sample("retryReport"))


def test_a_finished_report_has_the_structure_of_its_sample(
    api: FlaskClient, done: str, sample: Callable[[str], Any]
) -> None:
    assert structure_of(api.get(f"{REPORTS}/{done}").get_json()) == structure_of(sample("getReport"))


def test_a_listing_of_finished_and_new_reports_has_the_structure_of_its_sample(
    api: FlaskClient, done: str, sample: Callable[[str], Any]
) -> None:
    newer = [api.post(REPORTS, json={"title": title, "values": [1]}).get_json()["id"] for title in ("b", "c")]
    first = api.get(REPORTS, query_string={"limit": 2}).get_json()
    rest = api.get(REPORTS, query_string={"limit": 2, "cursor": first["next_cursor"]}).get_json()
    answer = {"items": first["items"] + rest["items"], "next_cursor": first["next_cursor"]}
    assert [report["id"] for report in answer["items"]] == [*newer[::-1], done]
    assert structure_of(answer) == structure_of(sample("listReports"))
