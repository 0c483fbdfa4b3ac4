"""The first result of the first minute, on a document and an API that stand in for the product's."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from devkit.first_result import FirstResultError, follow, sample

BODY, ID = {"title": "x"}, "1"
PENDING: dict[str, Any] = {"id": ID, "status": "pending", "error": None, "result": None}
DONE = {**PENDING, "status": "done", "result": {"mean": 2}}


def json_of(example: object) -> dict[str, Any]:
    return {"content": {"application/json": {"example": example}}}


THINGS = {"post": {"requestBody": json_of(BODY), "responses": {"202": json_of(PENDING)}}}
THING = {"get": {"responses": {"200": json_of(DONE)}}}
STORED = {"id": ID, "title": "x"}
NOTES = {"post": {"requestBody": json_of(BODY), "responses": {"201": json_of(STORED)}}}
NOTE = {"get": {"responses": {"200": json_of(STORED)}}}
OTHERS: dict[str, Any] = {
    "/things/{id}/retry": {"post": {"responses": {"202": {}}}},
}


def document(root: Path, paths: dict[str, Any]) -> Path:
    (root / "docs").mkdir()
    (root / "docs" / "openapi.json").write_text(json.dumps({"paths": {**OTHERS, **paths}}))
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return document(tmp_path, {"/notes": NOTES, "/notes/{id}": NOTE, "/things": THINGS, "/things/{id}": THING})


def serve(httpserver: HTTPServer, last: dict[str, Any]) -> str:
    """Answer as an API that accepts a thing, and tells once that it is pending."""
    httpserver.expect_ordered_request("/things", "POST", json=BODY).respond_with_json(PENDING, 202)
    for answer in (PENDING, last):
        httpserver.expect_ordered_request(f"/things/{ID}").respond_with_json(answer)
    return httpserver.url_for("").rstrip("/")


def test_what_is_accepted_for_later_is_followed_until_it_is_done(root: Path, httpserver: HTTPServer) -> None:
    follow(serve(httpserver, DONE), root, lambda: None, timeout=20)
    assert len(httpserver.log) == 3


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({**DONE, "result": {"mean": 3}}, "it is not that of the sample: {'result': {'mean': 3}}"),
        ({**DONE, "result": None}, "it is not that of the sample: {'result': None}"),
        ({**PENDING, "status": "failed"}, "it is {"),
    ],
)
def test_what_fails_or_has_another_result_is_named(
    root: Path, httpserver: HTTPServer, last: dict[str, Any], said: str
) -> None:
    with pytest.raises(FirstResultError, match=re.escape(said)):
        follow(serve(httpserver, last), root, lambda: None, timeout=20)


def test_what_is_stored_at_once_is_posted_where_nothing_is_done_later(tmp_path: Path, httpserver: HTTPServer) -> None:
    root = document(tmp_path, {"/notes": NOTES, "/notes/{id}": NOTE})
    httpserver.expect_ordered_request("/notes", "POST", json=BODY).respond_with_data(status=503)
    httpserver.expect_ordered_request("/notes", "POST", json=BODY).respond_with_json(STORED, 201)
    follow(httpserver.url_for("").rstrip("/"), root, lambda: None, timeout=20)
    assert len(httpserver.log) == 2


def test_without_a_sample_the_api_has_to_be_ready(tmp_path: Path, httpserver: HTTPServer) -> None:
    root = document(tmp_path, {})
    assert sample(root) is None
    httpserver.expect_ordered_request("/readyz").respond_with_json({}, 503)
    httpserver.expect_ordered_request("/readyz").respond_with_json({"status": "starting"})
    httpserver.expect_ordered_request("/readyz").respond_with_json({"status": "ready"})
    follow(httpserver.url_for("").rstrip("/"), root, lambda: None, timeout=20)
    assert len(httpserver.log) == 3


def test_what_does_not_answer_in_time_is_told(root: Path) -> None:
    with pytest.raises(FirstResultError, match="nothing was done within 0 s"):
        follow("http://127.0.0.1:1", root, lambda: None, timeout=0.1)
