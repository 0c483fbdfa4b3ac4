"""What a page of another site makes a browser send changes nothing, whatever route it is for."""

import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from web.request_guards import SAFE

FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:9"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    # The browser's word on where it comes from is the better one.
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
]
OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost"},
    # As a proxy that ends TLS passes it on.
    {"Origin": "https://localhost"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
]


def unsafe_routes(app: APIFlask) -> list[tuple[str, str]]:
    """The method and an address of each route that changes something."""
    found = [
        (method, re.sub("<[^>]*>", "0" * 24, rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - SAFE)
    ]
    assert {method for method, _ in found} >= {"POST", "DELETE"}
    return found


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_every_unsafe_route_refuses_another_site(
    offline_app: APIFlask, offline: FlaskClient, headers: dict[str, str]
) -> None:
    for method, path in unsafe_routes(offline_app):
        answer = offline.open(path, method=method, headers=headers)
        assert (method, path, answer.status_code) == (method, path, 403)


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_every_unsafe_route_takes_its_own_site_and_programs(
    offline_app: APIFlask, offline: FlaskClient, headers: dict[str, str]
) -> None:
    for method, path in unsafe_routes(offline_app):
        assert offline.open(path, method=method, headers=headers).status_code != 403


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_site_may_lead_here(offline: FlaskClient, headers: dict[str, str]) -> None:
    assert offline.get("/version", headers=headers).status_code == 200
    assert offline.head("/version", headers=headers).status_code == 200
