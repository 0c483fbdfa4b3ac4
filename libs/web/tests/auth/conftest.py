"""An API that asks everybody for a key, and callers with keys."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from common.auth.keys import Keys
from common.clients import Clients
from common.config import Settings
from testing.checked_client import checked

# Sends each request with a key that was made for an owner, with these scopes.
Caller = Callable[..., FlaskClient]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "API_AUTH": "required"}


@pytest.fixture
def app(settings: Settings, clients: Clients, make: Callable[..., APIFlask]) -> APIFlask:
    return checked(make(settings, clients))


@pytest.fixture
def keys(clients: Clients) -> Keys:
    return Keys(clients.database)


@pytest.fixture
def caller(app: APIFlask, keys: Keys) -> Caller:
    """Makes clients that send a key with each request."""

    def client(owner: str, *scopes: str) -> FlaskClient:
        _, token = keys.create(owner, scopes or ["*"])
        made = app.test_client()
        made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return made

    return client
