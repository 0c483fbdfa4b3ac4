"""Clients of the API: `api` on real servers, `offline` where no server is. Both check every answer they get."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

import domain
from api.app import create_app
from common.clients import Clients
from common.config import Settings
from common.feature import features_of, sections
from testing.checked_client import checked
from testing.offline import offline_environ
from web.openapi import read_sample


@pytest.fixture
def sample(pytestconfig: pytest.Config) -> Callable[[str], Any]:
    """The sample of an operation, such as `note/getNote`."""
    folder = pytestconfig.rootpath / "docs/samples"
    return lambda name: read_sample(folder / f"{name}.json")


@pytest.fixture
def offline_settings() -> Settings:
    """Settings of servers that are not there."""
    return Settings.load(offline_environ(), env_files=(), sections=sections(features_of(domain)))


@pytest.fixture
def offline_app(offline_settings: Settings) -> Iterator[APIFlask]:
    with Clients(offline_settings) as clients:
        yield checked(create_app(offline_settings, clients))


@pytest.fixture
def offline(offline_app: APIFlask) -> FlaskClient:
    return offline_app.test_client()


@pytest.fixture
def api(settings: Settings, clients: Clients) -> FlaskClient:
    return checked(create_app(settings, clients)).test_client()
