"""A client of an API that checks every answer it gets."""

from typing import Any, TypeVar

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

App = TypeVar("App", bound=Flask)


class CheckedClient(FlaskClient):
    """A test client that holds every answer to what an API promises of all its answers."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request. Raises AssertionError for an answer that breaks a promise."""
        response = super().open(*args, buffered=True, **options)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Request-ID"]
        assert response.headers["Server"] == "api"
        if response.mimetype == "text/html":
            assert response.request.path == "/docs"
        elif response.status_code >= 400:
            assert_problem(response)
        return response


def assert_problem(response: TestResponse) -> None:
    """Raise AssertionError for an answer that is not a problem as RFC 9457 describes it."""
    assert response.mimetype == "application/problem+json"
    if response.request.method == "HEAD":
        return
    assert response.content_length < 10_000
    problem = response.get_json(force=True)
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    assert problem["status"] == response.status_code
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert "Traceback" not in response.text


def checked(app: App) -> App:
    """Return an app whose test clients check every answer from now on."""
    app.test_client_class = CheckedClient
    return app
