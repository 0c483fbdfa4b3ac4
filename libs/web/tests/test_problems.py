import logging

import pytest
from apiflask import APIFlask, abort
from pymongo.errors import (
    AutoReconnect,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from web.problems import pointer_to


def raising(app: APIFlask, error: Exception) -> APIFlask:
    def view() -> str:
        raise error

    app.add_url_rule("/raise", view_func=view)
    return app


def test_a_bug_is_told_to_the_log_and_not_to_the_client(
    offline_app: APIFlask, caplog: pytest.LogCaptureFixture
) -> None:
    response = raising(offline_app, RuntimeError("the secret")).test_client().get("/raise")
    assert response.status_code == 500
    assert "the secret" not in response.text
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert "the secret" in str(record.exc_info[1])


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("10.0.0.1:27017 hung up"),
        NetworkTimeout("10.0.0.1:27017 is silent"),
        ServerSelectionTimeoutError("no server at 10.0.0.1:27017"),
        ExecutionTimeout("too slow", 50),
    ],
)
def test_a_database_that_is_away_is_told_without_its_address(offline_app: APIFlask, error: PyMongoError) -> None:
    response = raising(offline_app, error).test_client().get("/raise")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "10.0.0.1" not in response.text


def test_any_other_database_error_is_a_bug(offline_app: APIFlask) -> None:
    client = raising(offline_app, OperationFailure("bad index", 85)).test_client()
    assert client.get("/raise").status_code == 500


def test_a_view_may_abort_with_words_of_its_own(offline_app: APIFlask) -> None:
    offline_app.add_url_rule("/teapot", view_func=lambda: abort(418, "No coffee here."))
    problem = offline_app.test_client().get("/teapot").get_json(force=True)
    assert (problem["status"], problem["detail"]) == (418, "No coffee here.")


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ([], ""),
        (["values", 3], "/values/3"),
        ([""], "/"),
        (["a/b", "m~n"], "/a~1b/m~0n"),
        (["~1"], "/~01"),
    ],
)
def test_a_json_pointer_is_written_as_rfc_6901_says(path: list[str | int], pointer: str) -> None:
    assert pointer_to(path) == pointer


def test_a_pointer_to_a_name_without_end_has_an_end() -> None:
    assert len(pointer_to(["x" * 10**6])) < 250
