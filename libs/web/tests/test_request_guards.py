from collections.abc import Callable
from io import BytesIO

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.config import Settings
from web.request_guards import refuse_unreachable_routes

RESOURCES = "/api/v1/resources"
ROUTES = [RESOURCES, f"{RESOURCES}/{'0' * 24}", "/healthz", "/version"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8000", "127.0.0.1:1"])
def test_a_trusted_host_is_answered(offline: FlaskClient, host: str) -> None:
    assert offline.get("/version", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "", "a b", "localhost:x", "x" * 5000, "[::1"])
def test_a_foreign_host_is_refused(offline: FlaskClient, host: str) -> None:
    assert offline.get("/version", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "example.com"])
def test_a_probe_is_answered_whatever_its_host(offline: FlaskClient, host: str) -> None:
    assert offline.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_missing_host_is_refused(offline: FlaskClient) -> None:
    assert offline.get("/version", environ_overrides={"HTTP_HOST": ""}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/nowhere", "/page/", "/reports", "/reports/", "/version/", "/api//v1/resources", "/API/v1/resources"]
)
def test_any_other_path_is_not_found_and_never_redirected(offline: FlaskClient, path: str) -> None:
    assert offline.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/%00", "/api/v1/resources/%00", "/..%2f..%2fetc/passwd", "/docs/../wsgi.py", "/%ff%fe"]
)
def test_a_hostile_path_is_not_found(offline: FlaskClient, path: str) -> None:
    assert offline.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_refused_and_the_right_ones_are_told(offline: FlaskClient, method: str) -> None:
    response = offline.open("/version", method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/version"])
def test_head_answers_like_get_without_a_body(offline: FlaskClient, path: str) -> None:
    head, get = offline.head(path), offline.get(path)
    assert (head.status_code, head.content_length, head.data) == (200, get.content_length, b"")


@pytest.mark.parametrize("path", ROUTES)
def test_no_answer_may_be_cached_or_framed_or_run(offline: FlaskClient, path: str) -> None:
    headers = offline.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", [route for route in ROUTES if route.startswith("/api/")])
@pytest.mark.parametrize("query", ["surprise=1", "limit=1&limit=2", "limit=1&limit=1", "%00=1", "$where=1"])
def test_unknown_and_repeated_parameters_are_refused(offline: FlaskClient, path: str, query: str) -> None:
    response = offline.get(f"{path}?{query}")
    assert response.status_code in {404, 422}
    assert response.get_json(force=True)["errors"][0]["in"] in {"query", "path"}


def test_a_load_balancer_may_ask_with_a_parameter_of_its_own(offline: FlaskClient) -> None:
    assert offline.get("/healthz?t=1").status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "json"],
)
def test_a_body_that_is_not_called_json_is_refused(offline: FlaskClient, content_type: str) -> None:
    response = offline.post(RESOURCES, data=b'{"title": "a", "values": [1]}', content_type=content_type)
    assert response.status_code == 415


@pytest.mark.parametrize("content_type", [None, "application/json"])
def test_an_empty_body_is_no_json(offline: FlaskClient, content_type: str | None) -> None:
    assert offline.post(RESOURCES, data=b"", content_type=content_type).status_code == 400


def test_a_body_over_the_limit_is_refused(offline: FlaskClient, offline_settings: Settings) -> None:
    body = b"1" * (offline_settings.max_body_bytes + 1)
    assert offline.post(RESOURCES, data=body, content_type="application/json").status_code == 413


def post_streamed(offline: FlaskClient, body: bytes, *, length: str = "") -> TestResponse:
    """Posts as our server hands a body on: it ends the stream itself, and may not know the length before."""
    return offline.post(
        RESOURCES,
        input_stream=BytesIO(body),
        content_type="application/json",
        headers={} if length else {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": length},
    )


@pytest.mark.parametrize("beyond", [1, 6 * 2**20])
def test_a_body_of_untold_length_over_the_limit_is_refused(
    offline: FlaskClient, offline_settings: Settings, beyond: int
) -> None:
    body = b"{}".ljust(offline_settings.max_body_bytes + beyond)
    assert post_streamed(offline, body).status_code == 413


def test_a_body_of_just_the_limit_is_read(offline: FlaskClient, offline_settings: Settings) -> None:
    body = b"{}".ljust(offline_settings.max_body_bytes)
    assert post_streamed(offline, body).status_code == 422


def test_a_body_that_was_broken_off_is_refused_also_when_it_makes_sense(offline: FlaskClient) -> None:
    body = b'{"title": "a", "values": [1]}'
    assert post_streamed(offline, body, length=str(len(body) + 1)).status_code == 400


@pytest.mark.parametrize("length", ["-1", "abc", "1.5", "9" * 30])
def test_a_nonsensical_length_is_refused(offline: FlaskClient, length: str) -> None:
    response = offline.post(
        RESOURCES, data=b"{}", content_type="application/json", environ_overrides={"CONTENT_LENGTH": length}
    )
    assert 400 <= response.status_code < 500


def test_json_keeps_its_order_and_its_letters(offline_app: APIFlask) -> None:
    assert offline_app.json.dumps({"b": "é", "a": 1}) == '{"b":"é","a":1}'


def test_a_route_that_ends_in_a_slash_is_refused_at_the_start(
    make: Callable[..., APIFlask], offline_settings: Settings
) -> None:
    app = make(offline_settings)
    app.add_url_rule("/things/", "things", lambda: "")
    with pytest.raises(ValueError, match="The route /things/ of things ends in a slash"):
        refuse_unreachable_routes(app)
