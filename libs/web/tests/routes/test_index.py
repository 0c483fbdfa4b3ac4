"""The root of the API tells what it is and where its documents are."""

from collections.abc import Callable

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from common.config import Settings


def test_it_names_the_service_and_its_version(offline: FlaskClient, offline_settings: Settings) -> None:
    answer = offline.get("/")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json()["name"] == offline_settings.project
    assert answer.get_json()["version"] == offline_settings.version


def test_everything_that_it_links_to_is_served(offline: FlaskClient) -> None:
    links = offline.get("/").get_json()["links"]
    assert set(links) == {"docs", "openapi", "liveness", "readiness", "metrics"}
    # Without its servers the API is not ready, but says so at that address.
    assert {name: offline.get(link).status_code for name, link in links.items()} == {
        **dict.fromkeys(links, 200),
        "readiness": 503,
    }


def test_production_links_to_no_documentation_page(make: Callable[..., APIFlask], offline_settings: Settings) -> None:
    app = make(offline_settings.model_copy(update={"environment": "production"}))
    assert app.test_client().get("/").get_json()["links"]["docs"] is None


def test_a_parameter_is_refused_as_at_every_address(offline: FlaskClient) -> None:
    assert offline.get("/?a=1&a=2").status_code == 422


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(offline: FlaskClient, method: str) -> None:
    response = offline.open("/", method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}
