"""Clients of the console: `console` on real servers, `offline` where no server is. Both check every answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer
from werkzeug.test import TestResponse

from admin.console.app import create_app
from common.clients import Clients
from common.config import Settings
from testing.offline import nowhere
from testing.servers import unused_ports

# What a guess costs stands in the hash itself, and only the test of the command needs the real price.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def kept_of(password: str) -> str:
    """What is kept of a password, but a guess costs next to nothing."""
    return CHEAP.hash(password).replace("$", ":")


class CheckedClient(FlaskClient):
    """A test client that checks what every answer of the console must have."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        response = super().open(*args, buffered=True, **options)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Server"] == "console"
        assert "Set-Cookie" not in response.headers
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        if response.mimetype != "text/html" and response.status_code >= 400:
            assert response.mimetype == "text/plain"
            assert "Traceback" not in response.text
        return response


@pytest.fixture
def with_api(httpserver: HTTPServer, environ: dict[str, str]) -> dict[str, str]:
    """The settings of a stack whose API answers."""
    httpserver.expect_request("/healthz").respond_with_json({"status": "ok"})
    return {**environ, "API_HOST": httpserver.host, "API_PORT": str(httpserver.port)}


@pytest.fixture
def settings(with_api: dict[str, str]) -> Settings:
    return Settings.load(with_api, env_files=())


@pytest.fixture
def console(settings: Settings, clients: Clients) -> FlaskClient:
    return checked(create_app(settings, clients)).test_client()


@pytest.fixture
def offline_settings() -> Settings:
    """Settings of servers that are not there."""
    (api,) = unused_ports(1)
    environ = {"ENVIRONMENT": "test", **nowhere(), "MONGO_TIMEOUT": "0.2", "API_PORT": str(api)}
    return Settings.load(environ, env_files=())


@pytest.fixture
def offline_app(offline_settings: Settings) -> Iterator[Flask]:
    with Clients(offline_settings) as clients:
        yield checked(create_app(offline_settings, clients))


@pytest.fixture
def offline(offline_app: Flask) -> FlaskClient:
    return offline_app.test_client()


def checked(app: Flask) -> Flask:
    app.test_client_class = CheckedClient
    return app
