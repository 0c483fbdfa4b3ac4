"""Clients of the API: `api` on real servers, `offline` where no server is. Both check every answer they get."""

from collections.abc import Iterator
from typing import Any

import pytest
from api.app import create_app
from apiflask import APIFlask
from common.clients import Clients
from common.config import Settings
from common.testing.servers import unused_ports
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class CheckedClient(FlaskClient):
    """A test client that holds every answer to what this API promises of all its answers."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        response = super().open(*args, buffered=True, **options)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Request-ID"]
        assert "Server" not in response.headers
        if response.status_code >= 400:
            assert_problem(response)
        elif response.mimetype == "text/html":
            assert response.request.path == "/docs"
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
def offline_settings() -> Settings:
    """Settings of servers that are not there; they are given up at once."""
    ports = dict(zip(("mongo_port", "redis_port"), unused_ports(2), strict=True))
    return Settings(environment="test", mongo_password="p", secret_key="k" * 32, mongo_timeout=0.2, **ports)


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
