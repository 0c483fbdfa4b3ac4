import logging
import re

import pytest
from flask.testing import FlaskClient

from common.logging import REQUEST_ID


@pytest.mark.parametrize("given", ["a", "7f3c.A_b-9", "x" * 64])
def test_a_harmless_request_id_is_echoed(offline: FlaskClient, given: str) -> None:
    assert offline.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "a;b", "<b>", "é", "../../etc", "a%0ab"])
def test_any_other_request_id_is_replaced_by_a_fresh_one(offline: FlaskClient, given: str) -> None:
    headers = {"X-Request-ID": given}
    first, second = (offline.get("/healthz", headers=headers).headers["X-Request-ID"] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


def test_every_answer_has_its_one_line_in_the_log(offline: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "web.access")
    for path in ("/version", "/nowhere", "/api/v1/resources/x"):
        offline.get(path, headers={"Host": "localhost"})
    lines = [(record.getMessage(), record.__dict__["status"]) for record in caplog.records]
    assert lines == [("GET /version", 200), ("GET /nowhere", 404), ("GET /api/v1/resources/x", 404)]
    assert all(record.__dict__["ms"] >= 0 for record in caplog.records)


def test_a_probe_is_in_the_log_only_when_the_answer_is_no(
    offline: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "web.access")
    for path in ("/healthz", "/readyz"):
        offline.get(path)
    assert [record.getMessage() for record in caplog.records if record.name == "web.access"] == ["GET /readyz"]


def test_the_line_carries_the_request_id(offline: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "web.access")
    caplog.handler.addFilter(lambda record: record.__dict__.setdefault("seen", REQUEST_ID.get()) or True)
    offline.get("/version", headers={"X-Request-ID": "abc"})
    assert [record.__dict__["seen"] for record in caplog.records] == ["abc"]
    assert REQUEST_ID.get() == "-"


def test_a_path_cannot_write_lines_into_the_log(offline: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "web.access")
    offline.get("/a%0d%0aINFO%20forged%00\u20ac" + "x" * 5000)
    line = caplog.records[0].getMessage()
    assert line.isprintable()
    assert line.isascii()
    assert " " not in line.removeprefix("GET ")
    assert len(line) < 250
