"""Tokens of an OpenID provider, which is a real HTTP server here, with keys of its own."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from pytest_httpserver import HTTPServer

from common.config import ConfigError, Settings
from web.extensions.auth.issuer import (
    FIRST_INTERVAL,
    MAX_AGE,
    MIN_INTERVAL,
    IssuerAwayError,
    IssuerKeys,
    fetched,
    is_trustworthy,
)
from web.extensions.auth.tokens import LEEWAY, Tokens

URL = "/api/v1/resources"
BODY = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}
AUDIENCE = "https://api.example.com"
DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"
RSA = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})

Sign = Callable[..., str]


def serve(provider: HTTPServer, *keys: RSAKey | ECKey) -> None:
    """Let the provider publish these keys alone."""
    provider.clear()
    provider.expect_request(DISCOVERY).respond_with_json({"jwks_uri": provider.url_for(KEYS)})
    provider.expect_request(KEYS).respond_with_json(KeySet(list(keys)).as_dict(private=False))


@pytest.fixture
def provider(httpserver: HTTPServer) -> HTTPServer:
    serve(httpserver, RSA)
    return httpserver


@pytest.fixture
def issuer(provider: HTTPServer) -> str:
    return provider.url_for("").rstrip("/")


@pytest.fixture
def environ(environ: dict[str, str], issuer: str) -> dict[str, str]:
    return {**environ, "API_AUTH": "required", "OIDC_ISSUER": issuer, "OIDC_AUDIENCE": AUDIENCE}


@pytest.fixture
def sign(issuer: str) -> Sign:
    """Makes tokens that are good unless something is told; a timedelta is a time from now on."""

    def signed(key: Any = RSA, algorithm: str = "RS256", header: dict[str, Any] | None = None, **claims: Any) -> str:
        usual = {"iss": issuer, "aud": AUDIENCE, "sub": "anna", "scope": "resource:read resource:write"}
        times = {"iat": int(time.time()), "exp": int(time.time()) + 300}
        wanted = {name: value for name, value in {**usual, **times, **claims}.items() if value is not None}
        for name, value in wanted.items():
            if isinstance(value, timedelta):
                wanted[name] = int(time.time() + value.total_seconds())
        head = {"alg": algorithm, "kid": key.kid, **(header or {})}
        return jwt.encode({name: value for name, value in head.items() if value is not None}, wanted, key, [algorithm])

    return signed


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


def status(client: FlaskClient, token: str) -> int:
    return client.get(URL, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_opens_what_its_scopes_allow_for_its_subject(client: FlaskClient, sign: Sign) -> None:
    mine, other = ({"Authorization": f"Bearer {sign(sub=name)}"} for name in ("anna", "ben"))
    made = client.post(URL, json=BODY, headers=mine)
    assert made.status_code == 201
    assert client.get(made.headers["Location"], headers=mine).status_code == 200
    assert client.get(made.headers["Location"], headers=other).status_code == 404
    reading = {"Authorization": f"Bearer {sign(scope='resource:read')}"}
    assert client.post(URL, json=BODY, headers=reading).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example.com"},
        {"iss": None},
        {"aud": "https://other.example.com"},
        {"aud": None},
        {"exp": None},
        {"exp": timedelta(seconds=-LEEWAY - 5)},
        {"exp": "soon"},
        {"nbf": timedelta(seconds=LEEWAY + 60)},
        {"sub": None},
        {"sub": ""},
        {"sub": "a" * 300},
        {"scope": ["resource:read"]},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(client: FlaskClient, sign: Sign, claims: dict[str, Any]) -> None:
    assert status(client, sign(**claims)) == 401


def test_the_clocks_may_differ_a_little_and_a_token_may_be_for_several(client: FlaskClient, sign: Sign) -> None:
    now = int(time.time())
    assert status(client, sign(exp=now - LEEWAY // 2, nbf=now + LEEWAY // 2, aud=["x", AUDIENCE])) == 200


def test_a_token_that_the_provider_did_not_sign_is_refused(client: FlaskClient, sign: Sign) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "first"})
    good = sign()
    head, body, signature = good.split(".")
    for token in (
        sign(stranger),
        _signed_with_the_public_key(body),
        f"{_head(alg='none', kid='first')}.{body}.",
        f"{_head(alg='none', kid='first')}.{body}.{signature}",
        f"{_head(alg='RS256', kid=1)}.{body}.{signature}",
        f"{_head(alg=['RS256'], kid='first')}.{body}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{sign(sub='ben').split('.')[1]}.{signature}",
        sign(header={"kid": None}),
        sign(ECKey.generate_key("P-256", {"kid": "first"}), "ES256"),
        "a.b.c",
        "." * 50,
        f"{good}{'a' * 9000}",
    ):
        assert status(client, token) == 401, token[:60]
    assert status(client, good) == 200


def _signed_with_the_public_key(body: str) -> str:
    """Return a token by whose algorithm a public key would be a shared secret; the library refuses to make one."""
    head = _head(alg="HS256", kid="first")
    secret = RSA.as_pem(private=False)
    return f"{head}.{body}.{_encoded(hmac.digest(secret, f'{head}.{body}'.encode(), 'sha256'))}"


def _head(**fields: object) -> str:
    return _encoded(json.dumps(fields).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_other_algorithms_of_key_pairs_are_good(provider: HTTPServer, client: FlaskClient, sign: Sign) -> None:
    curve = ECKey.generate_key("P-256", {"kid": "second"})
    serve(provider, RSA, curve)
    assert status(client, sign(curve, "ES256")) == status(client, sign(algorithm="PS256")) == 200


def test_keys_are_asked_for_once(provider: HTTPServer, client: FlaskClient, sign: Sign) -> None:
    assert [status(client, sign()) for _ in range(5)] == [200] * 5
    assert len(provider.log) == 2


def test_a_new_key_is_asked_for_and_a_flood_of_invented_ones_is_not(provider: HTTPServer, sign: Sign) -> None:
    now = 0.0
    issuer = provider.url_for("").rstrip("/")
    tokens = Tokens(IssuerKeys(issuer, clock=lambda: now), issuer, AUDIENCE)
    assert tokens.of(sign()) is not None
    new = RSAKey.generate_key(2048, {"kid": "new"})
    serve(provider, RSA, new)
    now += MIN_INTERVAL
    assert tokens.of(sign(new)) is not None
    asked = len(provider.log)
    for number in range(50):
        assert tokens.of(sign(header={"kid": f"invented-{number}"})) is None
    assert len(provider.log) == asked
    now += MAX_AGE
    serve(provider, new)
    assert tokens.of(sign()) is None


def test_a_provider_that_is_away_refuses_those_whose_keys_are_not_known(
    provider: HTTPServer, client: FlaskClient, sign: Sign
) -> None:
    provider.clear()
    answer = client.get(URL, headers={"Authorization": f"Bearer {sign()}"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    now = 0.0
    keys = IssuerKeys(provider.url_for(""), clock=lambda: now)
    with pytest.raises(IssuerAwayError):
        keys.get("first")
    serve(provider, RSA)
    now += FIRST_INTERVAL
    assert keys.get("first") is not None
    provider.clear()
    now += 10 * MAX_AGE
    assert keys.get("first") is not None


@pytest.mark.parametrize(
    "answer", [{}, [], "text", {"jwks_uri": "http://keys.example.com/"}, {"jwks_uri": None}, {"jwks_uri": "file:///x"}]
)
def test_what_is_no_provider_gives_no_keys(httpserver: HTTPServer, answer: Any) -> None:
    httpserver.expect_request(DISCOVERY).respond_with_json(answer)
    with pytest.raises(IssuerAwayError):
        IssuerKeys(httpserver.url_for("")).get("first")


def test_an_answer_is_read_up_to_a_limit_and_leads_nowhere_else(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/large").respond_with_data("[" + "0," * 300_000 + "0]")
    httpserver.expect_request("/moved").respond_with_data("", 302, {"Location": httpserver.url_for("/large")})
    with pytest.raises(ValueError, match="answers more than"):
        fetched(httpserver.url_for("/large"))
    with pytest.raises(httpx2.HTTPStatusError):
        fetched(httpserver.url_for("/moved"))


def test_keys_come_by_a_way_on_which_nobody_can_change_them() -> None:
    assert is_trustworthy("https://example.com/keys")
    assert is_trustworthy("http://127.0.0.1:1/keys")
    assert not is_trustworthy("http://example.com/keys")
    assert not is_trustworthy("keys")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"OIDC_ISSUER": "https://id.example.com"}, "OIDC_AUDIENCE: is missing"),
        ({"OIDC_ISSUER": "id.example.com", "OIDC_AUDIENCE": "x"}, "OIDC_ISSUER: "),
        ({"OIDC_ISSUER": "http://id.example.com", "OIDC_AUDIENCE": "x", "ENVIRONMENT": "production"}, "use https://"),
    ],
)
def test_a_provider_that_cannot_be_trusted_is_refused(alone: dict[str, str], own: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Settings.load({**alone, **own}, env_files=())
