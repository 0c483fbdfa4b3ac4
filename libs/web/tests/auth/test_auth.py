"""Who may call the API: nobody without a key that is valid, for nothing but what the key allows, and of their own."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.auth.keys import Keys
from common.clients import Clients
from common.config import Settings
from testing.checked_client import checked
from web.extensions.auth.principal import REMEMBERED, Principals
from web.request_guards import PUBLIC

from .conftest import Caller

URL = "/api/v1/resources"
BODY = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}
UNKNOWN = f"{'0' * 16}.{'a' * 43}"


def refusal(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.headers["WWW-Authenticate"]


def test_without_a_key_every_feature_is_closed_and_what_is_public_is_open(app: APIFlask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        address = rule.rule.replace("<id>", "0" * 24)
        for method in (rule.methods or set()) - {"OPTIONS"}:
            response = client.open(address, method=method)
            is_public = rule.endpoint.partition(".")[0] in PUBLIC
            assert (response.status_code == 401) is not is_public, (method, address)
            assert address.startswith("/api/") is not is_public


def test_a_route_of_no_feature_needs_a_key_that_allows_everything(app: APIFlask, caller: Caller) -> None:
    app.add_url_rule("/extra", "extra", lambda: {"is": "there"})
    assert app.test_client().get("/extra").status_code == 401
    assert caller("billing", "resource:read").get("/extra").status_code == 403
    assert caller("billing", "*").get("/extra").status_code == 200


def test_who_brings_no_key_is_told_what_is_needed(app: APIFlask) -> None:
    response = app.test_client().get(URL)
    assert refusal(response) == (401, 'Bearer realm="api"')
    assert "Authorization: Bearer KEY" in response.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic YTpi",
        UNKNOWN,
        f"Bearer {UNKNOWN}",
        f"Bearer  {UNKNOWN}",
        f"Bearer {UNKNOWN},{UNKNOWN}",
        "Bearer \xe4",
        f"Bearer {'0' * 16}.$ne",
        "Bearer " + "a" * 5000,
    ],
)
def test_what_is_no_valid_key_is_refused(app: APIFlask, header: str) -> None:
    response = app.test_client().get(URL, headers={"Authorization": header})
    assert refusal(response)[0] == 401
    assert refusal(response)[1].startswith('Bearer realm="api"')


def test_a_wrong_secret_an_expired_and_a_revoked_key_are_refused_alike(app: APIFlask, keys: Keys) -> None:
    key, token = keys.create("billing", ["*"])
    _, expired = keys.create("billing", ["*"], timedelta())
    revoked, revoked_token = keys.create("billing", ["*"])
    keys.revoke(revoked.id)
    answers = [
        app.test_client().get(URL, headers={"Authorization": f"Bearer {wrong}"})
        for wrong in (f"{key.id}.{'a' * 43}", expired, revoked_token, UNKNOWN)
    ]
    assert {refusal(answer) for answer in answers} == {(401, 'Bearer realm="api", error="invalid_token"')}
    assert {answer.get_json(force=True)["detail"] for answer in answers} == {"The key is not valid."}
    assert app.test_client().get(URL, headers={"authorization": f"bearer {token}"}).status_code == 200


def test_a_key_is_good_for_its_scopes_only(caller: Caller) -> None:
    reader, writer = caller("billing", "resource:read"), caller("billing", "resource:write")
    made = writer.post(URL, json=BODY)
    assert made.status_code == 201
    assert reader.get(URL).get_json()["items"] == [made.get_json()]
    address = made.headers["Location"]
    for response, scope in (
        (reader.post(URL, json=BODY), "resource:write"),
        (reader.delete(address), "resource:write"),
        (writer.get(URL), "resource:read"),
        (caller("billing", "note:read").get(URL), "resource:read"),
    ):
        assert refusal(response) == (403, f'Bearer realm="api", error="insufficient_scope", scope="{scope}"')
        assert response.get_json(force=True)["detail"] == f"The key does not allow {scope}."


def test_what_belongs_to_others_is_not_there(caller: Caller) -> None:
    mine, other = caller("billing"), caller("shop")
    made = [mine.post(URL, json=BODY).get_json() for _ in range(3)]
    address = f"{URL}/{made[0]['id']}"
    for response in (other.get(address), other.delete(address)):
        assert response.status_code == 404
        assert response.get_json(force=True)["detail"] == "There is no such resource."
    assert other.get(URL).get_json()["items"] == []
    cursor = mine.get(URL, query_string={"limit": 2}).get_json()["next_cursor"]
    assert other.get(URL, query_string={"cursor": cursor}).status_code == 422
    assert mine.get(URL, query_string={"cursor": cursor}).get_json()["items"] == made[:1]
    assert mine.delete(address).status_code == 204


def test_two_keys_of_one_owner_see_the_same(caller: Caller) -> None:
    made = caller("billing").post(URL, json=BODY).get_json()
    assert caller("billing").get(URL).get_json()["items"] == [made]


def test_a_revoked_key_is_dead_within_five_seconds(clients: Clients, keys: Keys) -> None:
    now = 0.0
    principals = Principals(lambda: clients.database, clock=lambda: now)
    key, token = keys.create("billing", ["*"])
    assert principals.of(token) is not None
    keys.revoke(key.id)
    assert principals.of(token) is not None
    now = REMEMBERED
    assert principals.of(token) is None
    assert REMEMBERED < 5


def test_its_last_use_is_noted(caller: Caller, keys: Keys) -> None:
    caller("billing").get(URL)
    assert keys.list()[0].used_at is not None


def test_the_log_tells_who_it_was(caller: Caller, keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "web.access"):
        caller("billing").get(URL)
    about = vars(caplog.records[-1])
    assert (about["owner"], about["principal"]) == ("billing", keys.list()[0].id)


def test_while_mongodb_is_away_no_request_is_answered(alone: dict[str, str], make: Callable[..., APIFlask]) -> None:
    settings = Settings.load({**alone, "API_AUTH": "required"}, env_files=())
    with Clients(settings) as clients:
        client = checked(make(settings, clients)).test_client()
        assert client.get(URL, headers={"Authorization": f"Bearer {UNKNOWN}"}).status_code == 503
        assert client.get(URL).status_code == 401


class TestOptional:
    """Where a key is optional, who brings none sees what is everybody's: everything."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {**environ, "API_AUTH": ""}

    def test_who_brings_a_key_is_held_to_it(self, app: APIFlask, caller: Caller) -> None:
        anybody: FlaskClient = app.test_client()
        made: list[Any] = [client.post(URL, json=BODY).get_json() for client in (anybody, caller("billing"))]
        assert anybody.get(URL).get_json()["items"] == made[::-1]
        assert caller("billing").get(URL).get_json()["items"] == made[1:]
        assert caller("billing", "note:read").get(URL).status_code == 403
        assert anybody.get(URL, headers={"Authorization": f"Bearer {UNKNOWN}"}).status_code == 401


@pytest.mark.parametrize(
    ("environment", "chosen", "required"),
    [
        ("development", "", False),
        ("production", "", True),
        ("production", "optional", False),
        ("test", "required", True),
    ],
)
def test_production_is_closed_unless_it_is_opened(
    alone: dict[str, str],
    make: Callable[..., APIFlask],
    caplog: pytest.LogCaptureFixture,
    environment: str,
    chosen: str,
    required: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    settings = Settings.load({**alone, "API_AUTH": chosen}, env_files=()).model_copy(
        update={"environment": environment}
    )
    with Clients(settings) as clients:
        app = make(settings, clients)
    assert app.extensions["auth_required"] is required
    warned = [record for record in caplog.records if record.name == "web.extensions.auth"]
    assert bool(warned) is (environment == "production" and not required)


def test_the_document_tells_which_scope_is_needed(app: APIFlask) -> None:
    document: Any = app.spec
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    one = document["paths"]["/api/v1/resources/{id}"]
    assert "`resource:read`" in one["get"]["responses"]["403"]["description"]
    assert "`resource:write`" in one["delete"]["responses"]["403"]["description"]
    assert one["get"]["security"] == [{"key": []}]
    assert "401" in one["get"]["responses"]
    for operation in document["paths"]["/healthz"].values():
        assert "security" not in operation
        assert "401" not in operation["responses"]
