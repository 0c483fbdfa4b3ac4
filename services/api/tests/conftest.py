"""Clients of the API: `api` on real servers, `offline` where no server is. Both check every answer they get."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import domain
from api import routes
from api.app import create_app
from api.openapi import read_sample
from common.clients import Clients
from common.config import Settings
from common.discovery import modules_of
from common.feature import Feature, features_of, sections
from testing.offline import nowhere
from testing.resource import RESOURCE

from . import resource_routes


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
    return lambda name: read_sample(folder / f"{name}.json")


@pytest.fixture
def alone() -> dict[str, str]:
    """The settings of an API whose servers are not there, and need not be."""
    own = {"ENVIRONMENT": "test", "MONGO_PASSWORD": "m" * 32, "MONGO_TIMEOUT": "0.2", "SECRET_KEY": "k" * 32}
    return {**own, **nowhere()}


@pytest.fixture
def feature() -> Feature:
    """The feature that only tests use; it is served beside those of the product."""
    return RESOURCE


@pytest.fixture
def blueprint() -> ModuleType:
    """The routes of that feature."""
    return resource_routes


@pytest.fixture
def offline_settings(alone: dict[str, str], feature: Feature) -> Settings:
    """Settings of servers that are not there."""
    return Settings.load(alone, env_files=(), sections=sections([*features_of(domain), feature]))


@pytest.fixture
def offline_app(offline_settings: Settings, feature: Feature, blueprint: ModuleType) -> Iterator[APIFlask]:
    with Clients(offline_settings) as clients:
        yield with_feature(offline_settings, clients, feature, blueprint)


@pytest.fixture
def offline(offline_app: APIFlask) -> FlaskClient:
    return offline_app.test_client()


@pytest.fixture
def api(settings: Settings, clients: Clients, feature: Feature, blueprint: ModuleType) -> FlaskClient:
    return with_feature(settings, clients, feature, blueprint).test_client()


def with_feature(settings: Settings, clients: Clients, feature: Feature, blueprint: ModuleType) -> APIFlask:
    features, blueprints = [*features_of(domain), feature], [*modules_of(routes), blueprint]
    app = create_app(settings, clients, features=features, blueprints=blueprints)
    app.test_client_class = CheckedClient
    return app
