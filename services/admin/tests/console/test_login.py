"""Where a password is set, the console shows nothing to who has not sent it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.console import login
from admin.console.app import create_app
from admin.console.attempts import FREE, LONGEST, Attempts, TooManyAttemptsError
from admin.console.password import checked, is_password, main
from admin.console.settings import ConsoleSettings, password_hash
from common.clients import Clients
from common.config import ConfigError, Settings
from testing.offline import nowhere

from .conftest import kept_of

PASSWORD = "a password of the console"
KEPT = kept_of(PASSWORD)
KEY = "s" * 40
# Seconds since 1970.
BEGAN = 1_800_000_000.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def secret_settings() -> Settings:
    environ = {"ENVIRONMENT": "test", **nowhere(), "MONGO_TIMEOUT": "0.2", "SECRET_KEY": KEY}
    return Settings.load(environ, env_files=())


@pytest.fixture
def clients(secret_settings: Settings) -> Iterator[Clients]:
    with Clients(secret_settings) as opened:
        yield opened


@pytest.fixture
def app(secret_settings: Settings, clients: Clients) -> Flask:
    return create_app(secret_settings, clients, KEPT)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, password: str = PASSWORD, **headers: str) -> TestResponse:
    return client.post("/login", data={"password": password}, headers=headers)


def leads_to_the_form(response: TestResponse) -> bool:
    return (response.status_code, response.headers.get("Location")) == (303, "/login")


@pytest.mark.parametrize("path", ["/", "/reports/index.html", "/static/page.js", "/nothing", "/login/", "//login"])
def test_without_a_session_everything_leads_to_the_form(client: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT"):
        assert leads_to_the_form(client.open(path, method=method, data={"panel": "report"})), method
    assert leads_to_the_form(client.post("/logout"))


def test_the_form_needs_no_script_and_has_its_style(client: FlaskClient) -> None:
    page = client.get("/login")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "script" not in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    assert client.get("/static/page.css", buffered=True).mimetype == "text/css"


def test_the_password_opens_the_page_until_who_sent_it_logs_out(client: FlaskClient) -> None:
    sent = send(client)
    assert (sent.status_code, sent.headers["Location"]) == (303, "/")
    page = client.get("/")
    assert (page.status_code, "Log out" in page.text) == (200, True)
    cookie = client.get_cookie(login.COOKIE)
    assert cookie is not None
    assert leads_to_the_form(client.post("/logout"))
    assert leads_to_the_form(client.get("/"))
    client.set_cookie(login.COOKIE, cookie.value)
    assert leads_to_the_form(client.get("/"))


def test_the_flags_of_the_cookie(client: FlaskClient) -> None:
    name, *flags = send(client).headers["Set-Cookie"].split("; ")
    assert name.startswith(f"{login.COOKIE}=")
    assert set(flags) == {"HttpOnly", "SameSite=Strict", "Path=/"}


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), f"{PASSWORD} ", "a" * 100_000, "\x00", "ä"])
def test_a_wrong_password_is_said_on_the_form(client: FlaskClient, password: str) -> None:
    sent = send(client, password)
    assert (sent.status_code, "This is not the password." in sent.text) == (422, True)
    assert "Set-Cookie" not in sent.headers
    assert leads_to_the_form(client.get("/"))


def test_after_some_wrong_passwords_none_is_looked_at_for_a_while(client: FlaskClient) -> None:
    assert {send(client, "wrong").status_code for _ in range(FREE)} == {422}
    refused = send(client)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert leads_to_the_form(client.get("/"))


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://example.com"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://localhost:3000"}]
)
def test_a_page_of_another_site_logs_nobody_in_or_out(client: FlaskClient, headers: dict[str, str]) -> None:
    assert send(client, **headers).status_code == 403
    send(client)
    assert client.post("/logout", headers=headers).status_code == 403
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("seconds", "steps"), [(login.IDLE, 1), (login.IDLE - 1, 13)])
def test_a_session_ends(secret_settings: Settings, clients: Clients, seconds: int, steps: int) -> None:
    clock = Clock()
    app = create_app(secret_settings, clients)
    login.install(app, secret_settings, KEPT, clock)
    client = app.test_client()
    send(client)
    for _ in range(steps - 1):
        clock.now += seconds
        assert client.get("/reports/none").status_code == (404 if clock.now - BEGAN < login.LIFETIME else 303)
    clock.now += seconds
    assert leads_to_the_form(client.get("/"))


def test_another_password_ends_all_sessions(client: FlaskClient, secret_settings: Settings, clients: Clients) -> None:
    send(client)
    cookie = client.get_cookie(login.COOKIE)
    assert cookie is not None
    for kept in (kept_of("another"), kept_of(PASSWORD)):
        other = create_app(secret_settings, clients, kept).test_client()
        other.set_cookie(login.COOKIE, cookie.value)
        assert leads_to_the_form(other.get("/"))


@pytest.mark.parametrize("key", [KEY, KEPT, "", KEY.encode()], ids=["ours", "the hash", "none", "ours as bytes"])
def test_a_cookie_that_is_signed_with_another_key_is_none(client: FlaskClient, key: Any) -> None:
    forger = Flask("forger")
    forger.secret_key = key or "x"
    serializer = SecureCookieSessionInterface().get_signing_serializer(forger)
    assert serializer is not None
    client.set_cookie(login.COOKIE, serializer.dumps({"id": "a", "began": 9e9, "seen": 9e9}))
    assert leads_to_the_form(client.get("/"))


def test_where_no_password_is_set_nobody_is_asked(secret_settings: Settings, clients: Clients) -> None:
    client = create_app(secret_settings, clients).test_client()
    page = client.get("/")
    assert (page.status_code, "Log out" in page.text, "Set-Cookie" in page.headers) == (200, False, False)
    assert client.get("/login").status_code == 404


def test_each_wrong_password_makes_the_wait_longer_up_to_a_limit() -> None:
    clock = Clock()
    attempts, waits = Attempts(clock), []
    for _ in range(FREE + 12):
        try:
            attempts.attempt(lambda: False)
        except TooManyAttemptsError as error:
            waits.append(error.seconds)
            clock.now += error.seconds
            attempts.attempt(lambda: False)
    assert waits[:3] == [2, 3, 5]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST + 1
    clock.now += LONGEST
    assert attempts.attempt(lambda: True)
    assert not attempts.attempt(lambda: False)


def test_passwords_are_looked_at_one_at_a_time() -> None:
    attempts = Attempts()

    def busy() -> bool:
        with pytest.raises(TooManyAttemptsError):
            attempts.attempt(lambda: True)
        return True

    assert attempts.attempt(busy)


def test_the_command_prints_a_password_and_what_is_kept_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    said = capsys.readouterr()
    kept = said.err.splitlines()[-1].removeprefix("CONSOLE_PASSWORD_HASH=")
    assert is_password(said.out.strip(), kept)
    assert not is_password(said.out, kept)
    assert "$" not in kept
    settings = Settings.load({"CONSOLE_PASSWORD_HASH": kept}, env_files=(), sections=[ConsoleSettings])
    assert checked(settings.section(ConsoleSettings).console_password_hash).get_secret_value() == kept
    assert kept not in repr(settings.section(ConsoleSettings))


@pytest.mark.parametrize("kept", ["password", "$argon2id$", ":argon2id:v=19", "argon2id"])
def test_what_is_no_hash_is_refused_without_being_shown(kept: str) -> None:
    with pytest.raises(ConfigError, match=r"CONSOLE_PASSWORD_HASH: .*invoke password") as refused:
        Settings.load({"CONSOLE_PASSWORD_HASH": kept}, env_files=(), sections=[ConsoleSettings])
    assert f"{kept}'" not in str(refused.value)


def test_production_does_not_start_without_a_password(secret_settings: Settings) -> None:
    bare = Settings.load({"ENVIRONMENT": "test"}, env_files=(), sections=[ConsoleSettings])
    assert password_hash(bare) == ""
    with pytest.raises(SystemExit, match=r"CONSOLE_PASSWORD_HASH: is missing; make .* `invoke password`"):
        password_hash(bare.model_copy(update={"environment": "production"}))
