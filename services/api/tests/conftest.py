"""Clients of the API: `api` on real servers, `offline` where no server is. Both check every answer they get."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import domain
from api import routes
from api.app import create_app
from common.clients import Clients
from common.config import Settings
from common.discovery import modules_of
from common.feature import features_of, sections
from testing.brokers import on_port
from testing.example import EXAMPLE
from testing.servers import unused_ports

from . import example_routes

# The product's features and the one that only tests use, so that tests of the plumbing need none of the product's.
FEATURES = [*features_of(domain), EXAMPLE]


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
def sample(pytestconfig: pytest.Config) -> Callable[[str], Any]:
    """The sample of an operation, such as `health/getVersion`."""
    folder = pytestconfig.rootpath / "docs/samples"
    return lambda name: json.loads((folder / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def alone() -> dict[str, str]:
    """The settings of an API whose servers are not there, and need not be."""
    mongo, broker = unused_ports(2)
    return {
        "ENVIRONMENT": "test",
        "MONGO_PORT": str(mongo),
        "MONGO_PASSWORD": "m" * 32,
        "MONGO_TIMEOUT": "0.2",
        **on_port(broker),
        "SECRET_KEY": "k" * 32,
    }


@pytest.fixture
def offline_settings(alone: dict[str, str]) -> Settings:
    """Settings of servers that are not there."""
    return Settings.load(alone, env_files=(), sections=sections(FEATURES))


@pytest.fixture
def offline_app(offline_settings: Settings) -> Iterator[APIFlask]:
    with Clients(offline_settings) as clients:
        yield with_example(offline_settings, clients)


@pytest.fixture
def offline(offline_app: APIFlask) -> FlaskClient:
    return offline_app.test_client()


@pytest.fixture
def api(settings: Settings, clients: Clients) -> FlaskClient:
    return with_example(settings, clients).test_client()


def with_example(settings: Settings, clients: Clients) -> APIFlask:
    app = create_app(settings, clients, features=FEATURES, blueprints=[*modules_of(routes), example_routes])
    app.test_client_class = CheckedClient
    return app
