"""What a browser asks in advance, where everybody needs a key."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask

from common.config import Settings

APP = "https://app.example.com"


@pytest.fixture
def offline_settings(alone: dict[str, str]) -> Settings:
    """Settings of servers that are not there: a key that was looked for would be a 503."""
    return Settings.load({**alone, "API_AUTH": "required", "API_CORS_ORIGINS": APP}, env_files=())


def test_a_preflight_asks_nobody_who_they_are_and_no_server(
    offline_settings: Settings, make: Callable[[Settings], APIFlask]
) -> None:
    """A browser sends no key with it."""
    client, address = make(offline_settings).test_client(), f"/api/v1/resources/{'0' * 24}"
    asked = {
        "Origin": APP,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = client.options(address, headers=asked)
    assert answer.status_code == 204
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization"
    refused = client.delete(address, headers={"Origin": APP})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == APP
