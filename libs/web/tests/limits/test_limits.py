"""How many requests of one caller are answered, and what the others are told."""

import re

import pytest
from apiflask import APIFlask
from flask import abort, g, request
from flask.testing import FlaskClient
from prometheus_client import generate_latest
from werkzeug.test import TestResponse

from common.config import ConfigError, Settings
from common.extensions.limits import LimitsSettings
from common.metrics import OWN
from web.extensions.limits.limiter import network_of

from .conftest import Limited

READ, WRITE = "/extra", "/extra"
TWO = {"RATE_LIMIT_READ": "2/hour", "RATE_LIMIT_WRITE": "1/hour"}


def with_route(app: APIFlask) -> FlaskClient:
    """An app with a route that asks no server; a header of the request tells whose it is, as keys do."""

    def extra() -> dict[str, str]:
        return {"is": "there"}

    app.add_url_rule("/extra", "extra", app.doc(hide=True)(extra), methods=["GET", "POST"])
    install_owner(app)
    return app.test_client()


def install_owner(app: APIFlask) -> None:
    """Tell owners apart before requests are counted, where extensions do it."""

    def find_owner() -> None:
        if name := request.headers.get("X-Test-Owner"):
            if name == "wrong":
                abort(401)
            g.owner = name

    guards = app.before_request_funcs[None]
    place = next(number for number, guard in enumerate(guards) if guard.__name__ == "_limit")
    guards.insert(place, find_owner)


def statuses(client: FlaskClient, times: int, method: str = "GET", **more: object) -> list[int]:
    return [client.open("/extra", method=method, **more).status_code for _ in range(times)]  # type: ignore[arg-type] # headers and more, as the client takes them


def limited_by(response: TestResponse) -> tuple[str, ...]:
    return tuple(re.findall(r'"(\w+)"', response.headers["RateLimit"]))


def test_one_request_too_many_is_refused_with_the_time_to_come_back(limited: Limited) -> None:
    client = with_route(limited(**TWO))
    for left in (1, 0):
        answer = client.get(READ)
        assert answer.status_code == 200
        assert "Retry-After" not in answer.headers
        assert answer.headers["RateLimit-Policy"] == '"read";q=2;w=3600'
        assert re.fullmatch(rf'"read";r={left};t=\d+', answer.headers["RateLimit"])
    refused = client.get(READ)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert refused.headers["RateLimit"] == f'"read";r=0;t={refused.headers["Retry-After"]}'
    assert "More than 2 requests in 3600 s" in refused.get_json(force=True)["detail"]


def test_reads_and_changes_are_counted_apart(limited: Limited) -> None:
    client = with_route(limited(**TWO))
    assert statuses(client, 2, "POST") == [200, 429]
    assert statuses(client, 3) == [200, 200, 429]
    assert limited_by(client.post(WRITE)) == ("write",)


def test_an_owner_is_counted_wherever_they_are_and_apart_from_others(limited: Limited) -> None:
    client = with_route(limited(**TWO))
    for name in ("billing", "shop"):
        mine = {"X-Test-Owner": name}
        assert statuses(client, 1, headers=mine, environ_base={"REMOTE_ADDR": "192.0.2.1"}) == [200]
        assert statuses(client, 2, headers=mine, environ_base={"REMOTE_ADDR": "192.0.2.2"}) == [200, 429]
    assert statuses(client, 3) == [200, 200, 429], "who does not say who they are is counted by the address"


def test_addresses_are_counted_apart_and_a_forged_header_changes_nothing(limited: Limited) -> None:
    client = with_route(limited(**TWO))
    answers = [client.get(READ, headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code for number in range(3)]
    assert answers == [200, 200, 429]
    assert statuses(client, 1, environ_base={"REMOTE_ADDR": "192.0.2.1"}) == [200]


def test_behind_a_trusted_proxy_each_client_is_counted(limited: Limited) -> None:
    client = with_route(limited(**TWO, API_TRUSTED_PROXIES="127.0.0.1"))
    for last in (1, 2):
        for number, status in enumerate((200, 200, 429)):
            # What a client writes itself stands before what the proxy adds.
            forwarded = f"198.51.100.{number}, 203.0.113.{last}"
            assert client.get(READ, headers={"X-Forwarded-For": forwarded}).status_code == status


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("a:b", "a:b"),
    ],
)
def test_of_ipv6_the_network_of_a_customer_is_counted(address: str, counted: str) -> None:
    assert network_of(address) == counted


def test_who_brings_what_is_not_valid_is_refused_before_it_is_looked_at(limited: Limited) -> None:
    client = with_route(limited(RATE_LIMIT_UNKNOWN="3/hour"))
    wrong = {"X-Test-Owner": "wrong"}
    assert statuses(client, 4, headers=wrong) == [401, 401, 401, 429]
    assert statuses(client, 1, headers={"X-Test-Owner": "billing"}) == [429], "the answer does not tell what is valid"
    assert statuses(client, 1, environ_base={"REMOTE_ADDR": "192.0.2.1"}) == [200]
    assert client.get("/healthz").status_code == 200


def test_what_every_api_serves_beside_its_product_is_not_counted(limited: Limited) -> None:
    client = with_route(limited(RATE_LIMIT_READ="1/hour"))
    assert statuses(client, 2) == [200, 429]
    for address in ("/", "/healthz", "/version", "/metrics", "/openapi.json", "/docs"):
        for _ in range(3):
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert "RateLimit" not in answer.headers
    assert client.get("/nowhere").status_code == 404


def test_an_empty_limit_is_none(limited: Limited) -> None:
    client = with_route(limited(RATE_LIMIT_READ="", RATE_LIMIT_WRITE="", RATE_LIMIT_UNKNOWN=""))
    assert statuses(client, 20, headers={"X-Test-Owner": "wrong"}) == [401] * 20
    assert "RateLimit" not in client.get(READ).headers


@pytest.mark.parametrize(
    ("environment", "written", "on"),
    [
        ("production", "", True),
        ("development", "", False),
        ("test", "", False),
        ("production", "off", False),
        ("development", "on", True),
    ],
)
def test_production_counts_by_itself_and_nobody_else(environment: str, written: str, on: bool) -> None:  # noqa: FBT001 - a column of the table
    assert LimitsSettings.model_validate({"rate_limits": written}).are_on(environment) is on


@pytest.mark.parametrize("wrong", ["100", "0/minute", "1/day", "-1/minute", "1 / minute", "1/minute;1/hour", "many"])
def test_what_is_no_limit_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.load({"RATE_LIMIT_READ": wrong, "RATE_LIMITS": "yes", "RATE_LIMIT_WITHOUT_STORE": "x"}, env_files=())
    named = [line.split(":")[0] for line in caught.value.problems]
    assert named == ["RATE_LIMITS", "RATE_LIMIT_READ", "RATE_LIMIT_WITHOUT_STORE"]


def test_metrics_tell_how_many_were_refused(limited: Limited) -> None:
    def refused() -> float:
        told = re.search(rb'rate_limit_refused_total\{limit="write"\} (\S+)', generate_latest(OWN))
        return float(told[1]) if told else 0

    client, before = with_route(limited(**TWO)), refused()
    statuses(client, 4, "POST")
    assert refused() - before == 3


def test_the_document_tells_of_it_where_it_can_happen(limited: Limited) -> None:
    paths = limited().test_client().get("/openapi.json").get_json()["paths"]
    for address, operations in paths.items():
        for operation in operations.values():
            assert ("429" in operation["responses"]) is address.startswith("/api/")
    told = paths["/api/v1/resources"]["get"]["responses"]["429"]
    assert "Retry-After" in told["headers"]
    assert "Too many requests" in told["description"]
