"""Clients of the API: `api` on real servers, `offline` where no server is. Both check every answer they get."""

from collections.abc import Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import domain
from api.app import create_app
from common.clients import Clients
from common.config import Settings
from common.discovery import declared
from testing.servers import unused_ports


class CheckedClient(FlaskClient):
    """A test client that holds every answer to what this API promises of all its answers."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
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


@pytest.fixture
def alone() -> dict[str, str]:
    """The settings of an API whose servers are not there, and need not be."""
    mongo, redis = unused_ports(2)
    return {
        "ENVIRONMENT": "test",
        "MONGO_PORT": str(mongo),
        "MONGO_PASSWORD": "m" * 32,
        "MONGO_TIMEOUT": "0.2",
        "REDIS_PORT": str(redis),
        "SECRET_KEY": "k" * 32,
    }


@pytest.fixture
def offline_settings(alone: dict[str, str]) -> Settings:
    """Settings of servers that are not there, and of a remote service that is not there either."""
    environ = {**alone, "IPECHO_URL": f"http://127.0.0.1:{unused_ports(1)[0]}/"}
    return Settings.load(environ, env_files=(), sections=declared(domain, "settings", "SETTINGS"))


@pytest.fixture
def offline_app(offline_settings: Settings) -> Iterator[APIFlask]:
    with Clients(offline_settings) as clients:
        yield with_checks(create_app(offline_settings, clients))


@pytest.fixture
def offline(offline_app: APIFlask) -> FlaskClient:
    return offline_app.test_client()


@pytest.fixture
def api(settings: Settings, clients: Clients) -> FlaskClient:
    return with_checks(create_app(settings, clients)).test_client()


def with_checks(app: APIFlask) -> APIFlask:
    app.test_client_class = CheckedClient
    return app
