"""What the stack tells of itself, and what it does while one of its servers is away."""

import httpx2
import pytest

from .conftest import Stack

pytestmark = pytest.mark.e2e


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


def test_hello(stack: Stack) -> None:
    assert stack.http.get("/api/v1/hello").json() == {"message": "hello"}


def test_unknown_paths_and_methods_are_problems(stack: Stack) -> None:
    for answer, status in ((stack.http.get("/nowhere"), 404), (stack.http.put("/api/v1/reports"), 405)):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["request_id"]


def test_a_report_posted_while_the_broker_is_away_is_accepted_and_done_later(stack: Stack) -> None:
    broker = stack.environ["BROKER"]
    stack.kill(broker)
    stack.until(lambda: ready(stack).json()["status"] == "degraded")
    assert ready(stack).status_code == 200
    reports = [stack.post(values=[number]) for number in range(5)]
    stack.start(broker)
    assert [stack.finished(report)["status"] for report in reports] == ["done"] * 5
    stack.until(lambda: ready(stack).json()["status"] == "ready")


def test_without_mongodb_the_api_refuses_and_recovers_by_itself(stack: Stack) -> None:
    done = stack.finished(stack.post())
    stack.kill("mongo")
    assert ready(stack).status_code == 503
    answer = stack.http.post("/api/v1/reports", json={"title": "Refused", "values": [1]})
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert stack.http.get("/healthz").status_code == 200
    stack.start("mongo")
    stack.until(lambda: ready(stack).status_code == 200)
    assert stack.get(done) == done
    assert stack.finished(stack.post())["status"] == "done"
