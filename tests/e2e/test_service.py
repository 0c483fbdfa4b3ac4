"""What the stack tells of itself, and what it does while one of its servers is away."""

import httpx2
import pytest

from devkit import ROOT
from devkit.first_result import sample

from .conftest import Stack

pytestmark = pytest.mark.e2e
# What some feature documents to be posted.
SAMPLE = sample(ROOT)


def ready(stack: Stack) -> httpx2.Response:
    return stack.http.get("/readyz")


def test_all_parts_are_ready(stack: Stack) -> None:
    assert stack.http.get("/healthz").status_code == 200
    answer = ready(stack)
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"


def test_the_version_is_the_one_in_the_settings_file(stack: Stack, pytestconfig: pytest.Config) -> None:
    lines = (pytestconfig.rootpath / ".env").read_text(encoding="utf-8").splitlines()
    (version,) = [line.removeprefix("VERSION=") for line in lines if line.startswith("VERSION=")]
    assert stack.http.get("/version").json()["version"] == version
    assert stack.http.get("/openapi.json").json()["info"]["version"] == version


def test_the_documents_page_needs_nothing_from_elsewhere(stack: Stack) -> None:
    page = stack.http.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text.replace("https://www.w3.org", "")


def test_unknown_paths_and_methods_are_problems(stack: Stack) -> None:
    for answer, status in ((stack.http.get("/nowhere"), 404), (stack.http.put("/version"), 405)):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["request_id"]


@pytest.mark.skipif(SAMPLE is None, reason="no feature stores anything")
def test_without_mongodb_the_api_refuses_and_recovers_by_itself(stack: Stack) -> None:
    assert SAMPLE
    made = stack.http.post(SAMPLE.path, json=SAMPLE.body).raise_for_status()
    stack.kill("mongo")
    assert ready(stack).status_code == 503
    answer = stack.http.post(SAMPLE.path, json=SAMPLE.body)
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert stack.http.get("/healthz").status_code == 200
    stack.start("mongo")
    stack.until(lambda: ready(stack).status_code == 200)
    found = stack.http.get(made.headers["Location"]).raise_for_status().json()
    assert found["id"] == made.json()["id"]
    assert stack.http.post(SAMPLE.path, json=SAMPLE.body).is_success
