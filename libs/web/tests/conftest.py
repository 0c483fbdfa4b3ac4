"""Clients of an API without a product: `api` on real servers, `offline` where no server is. Both check every answer."""

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from common.clients import Clients
from common.config import Settings
from common.feature import Feature, sections
from testing.checked_client import checked
from testing.offline import offline_environ
from testing.resource import RESOURCE
from web.app import create_app

from . import resource_routes


@pytest.fixture
def alone() -> dict[str, str]:
    """The settings of an API whose servers are not there, and need not be."""
    return offline_environ()


@pytest.fixture
def feature() -> Feature:
    """The feature that only tests use."""
    return RESOURCE


@pytest.fixture
def blueprint() -> ModuleType:
    """The routes of that feature."""
    return resource_routes


Make = Callable[..., APIFlask]


@pytest.fixture
def make(feature: Feature, blueprint: ModuleType) -> Make:
    """Makes an API with that feature."""

    def made(settings: Settings, clients: Clients | None = None) -> APIFlask:
        return create_app(settings, clients, features=[feature], blueprints=[blueprint])

    return made


@pytest.fixture
def offline_settings(alone: dict[str, str], feature: Feature) -> Settings:
    """Settings of servers that are not there."""
    return Settings.load(alone, env_files=(), sections=sections([feature]))


@pytest.fixture
def offline_app(offline_settings: Settings, make: Make) -> Iterator[APIFlask]:
    with Clients(offline_settings) as clients:
        yield checked(make(offline_settings, clients))


@pytest.fixture
def offline(offline_app: APIFlask) -> FlaskClient:
    return offline_app.test_client()


@pytest.fixture
def api(settings: Settings, clients: Clients, make: Make) -> FlaskClient:
    return checked(make(settings, clients)).test_client()
