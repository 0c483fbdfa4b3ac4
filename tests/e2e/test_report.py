"""A report's life over HTTP, with a real worker behind it."""

import json
import statistics
import uuid
from typing import Any

import pytest

from .conftest import Stack
from .report import finished, post

pytestmark = pytest.mark.e2e


def test_a_posted_report_is_done_with_the_right_figures(stack: Stack) -> None:
    values = [float(number % 97) for number in range(100_000)]
    answer = stack.http.post("/api/v1/reports", json={"title": "Response times", "values": values})
    assert answer.status_code == 202
    accepted = answer.json()
    assert answer.headers["Location"].endswith(f"/api/v1/reports/{accepted['id']}")
    assert (accepted["status"], accepted["result"]) == ("pending", None)
    seen = [accepted["progress"]]

    def done() -> dict[str, Any] | None:
        now: dict[str, Any] = stack.http.get(answer.headers["Location"]).json()
        seen.append(now["progress"])
        return now if now["status"] == "done" else None

    report = stack.until(done)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert report["attempts"] == 1
    assert report["created_at"] <= report["updated_at"]
    result = report["result"]
    assert (result["count"], result["min"], result["max"]) == (100_000, 0, 96)
    assert result["mean"] == pytest.approx(statistics.fmean(values))
    assert result["median"] == statistics.median(values)
    assert result["standard_deviation"] == pytest.approx(statistics.pstdev(values))
    assert sum(result["histogram"]["counts"]) == 100_000


def test_a_request_can_be_followed_into_the_workers_log(stack: Stack) -> None:
    request_id = f"e2e-{uuid.uuid4()}"
    answer = stack.http.post(
        "/api/v1/reports", json={"title": "Followed", "values": [1]}, headers={"X-Request-ID": request_id}
    )
    assert answer.headers["X-Request-ID"] == request_id
    report = finished(stack, answer.json())
    assert f"[{request_id} " in stack.log("api")
    stack.until(lambda: f"[{request_id} {report['id']}]" in stack.log("worker"))


def test_fifty_reports_posted_at_once_are_all_done(stack: Stack) -> None:
    reports = [post(stack, values=[number]) for number in range(50)]
    assert [finished(stack, report)["result"]["mean"] for report in reports] == [float(number) for number in range(50)]


def test_reports_are_listed_page_by_page_without_gap_or_repetition(stack: Stack) -> None:
    posted = [post(stack)["id"] for _ in range(7)]
    found, cursor = [], None
    while True:
        query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = stack.http.get("/api/v1/reports", params=query).raise_for_status().json()
        assert len(page["items"]) <= 3
        found += [report["id"] for report in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(found) == len(set(found))
    assert [report for report in found if report in posted] == sorted(posted, reverse=True)


def test_the_list_is_filtered_by_status(stack: Stack) -> None:
    report = finished(stack, post(stack))
    done = stack.http.get("/api/v1/reports", params={"status": "done", "limit": 100}).json()["items"]
    assert report["id"] in {each["id"] for each in done}
    assert {each["status"] for each in done} == {"done"}


def test_a_repeated_request_answers_the_same_report(stack: Stack) -> None:
    headers, body = {"Idempotency-Key": str(uuid.uuid4())}, {"title": "Once", "values": [1, 2]}
    first, second = (stack.http.post("/api/v1/reports", json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    other = stack.http.post("/api/v1/reports", json={**body, "values": [3]}, headers=headers)
    assert other.status_code == 422
    assert other.headers["Content-Type"] == "application/problem+json"


def test_a_deleted_report_is_gone(stack: Stack) -> None:
    report = finished(stack, post(stack))
    assert stack.http.delete(f"/api/v1/reports/{report['id']}").status_code == 204
    for answer in (stack.http.get, stack.http.delete):
        assert answer(f"/api/v1/reports/{report['id']}").status_code == 404


def test_deleting_a_report_at_any_moment_leaves_it_cancelled_finished_or_gone(stack: Stack) -> None:
    for _ in range(10):
        report = post(stack, values=[1.5] * 20_000)
        assert stack.http.delete(f"/api/v1/reports/{report['id']}").status_code == 204
        now = stack.http.get(f"/api/v1/reports/{report['id']}")
        assert now.status_code == 404 or now.json()["status"] == "cancelled"


def test_the_answer_to_rubbish_is_a_problem_with_the_request_id(stack: Stack) -> None:
    answer = stack.http.post("/api/v1/reports", json={"title": "", "values": [1, False]})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert {error["pointer"] for error in problem["errors"]} == {"/title", "/values/1"}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"[" * 30_000, "application/json", 400),
        (b'{"title": "t", "values": [NaN]}', "application/json", 400),
        (b'{"title": "\xff", "values": [1]}', "application/json", 400),
        (b'{"title": "t", "values": [1' + b"0" * 60_000 + b"]}", "application/json", 400),
        (b"", "application/json", 400),
        (b"title=t", "application/x-www-form-urlencoded", 415),
        (b"[" + b"1," * 5_000_000 + b"1]", "application/json", 413),
        (json.dumps({"title": {"$gt": ""}, "values": [1]}).encode(), "application/json", 422),
    ],
    ids=["nested", "nan", "utf-8", "huge number", "empty", "form", "10 MB", "operator"],
)
def test_hostile_bodies_are_refused_with_a_problem(stack: Stack, body: bytes, content_type: str, status: int) -> None:
    answer = stack.http.post("/api/v1/reports", content=body, headers={"Content-Type": content_type})
    assert answer.status_code in ({400, 422} if status == 400 else {status})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Traceback" not in answer.text
