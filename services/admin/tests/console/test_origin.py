"""The console behind the proxy: by which name it answers, over which connections, and with a password only."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from admin.console.app import create_app
from admin.console.settings import ConsoleSettings, password_hash
from common.clients import Clients
from common.config import ConfigError, Settings
from testing.offline import nowhere

from .conftest import kept_of

PASSWORD, ORIGIN = "a password of the console", "https://console.example.com:8443"
KEPT = kept_of(PASSWORD)
ENVIRON = {"ENVIRONMENT": "test", **nowhere(), "MONGO_TIMEOUT": "0.2", "SECRET_KEY": "s" * 40}


def loaded(**environ: str) -> Settings:
    return Settings.load({**ENVIRON, **environ}, env_files=(), sections=[ConsoleSettings])


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    settings = loaded(CONSOLE_ORIGIN=ORIGIN, CONSOLE_PASSWORD_HASH=KEPT)
    with Clients(settings) as clients:
        yield create_app(settings, clients, KEPT, settings.section(ConsoleSettings).host).test_client()


@pytest.mark.parametrize(
    ("host", "status"), [("console.example.com:8443", 200), ("localhost", 200), ("evil.example.com", 400)]
)
def test_it_answers_by_its_own_name_and_on_this_machine(client: FlaskClient, host: str, status: int) -> None:
    assert client.get("/login", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"), [(ORIGIN, 303), ("https://evil.example.com", 403), ("https://console.example.com", 403)]
)
def test_a_form_is_taken_from_its_own_page_and_the_cookie_goes_encrypted_only(
    client: FlaskClient, origin: str, status: int
) -> None:
    headers = {"Host": "console.example.com:8443", "Origin": origin}
    answer = client.post("/login", data={"password": PASSWORD}, headers=headers)
    assert answer.status_code == status
    assert ("Secure" in answer.headers.get("Set-Cookie", "")) == (status == 303)


@pytest.mark.parametrize(
    "origin",
    ["console.example.com", "http://console.example.com", "https://", f"{ORIGIN}/", f"{ORIGIN}/a", "https://a b", "*"],
)
def test_what_is_no_encrypted_origin_is_refused_by_its_name(origin: str) -> None:
    with pytest.raises(ConfigError, match=r"CONSOLE_ORIGIN: .* as https://console.example.com"):
        loaded(CONSOLE_ORIGIN=origin)


def test_others_reach_it_with_a_password_only() -> None:
    with pytest.raises(SystemExit, match="CONSOLE_PASSWORD_HASH: is missing"):
        password_hash(loaded(CONSOLE_ORIGIN=ORIGIN))


def test_it_listens_elsewhere_with_a_password_only(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "admin.console", "--host", "0.0.0.0"],  # noqa: S104 - refused
        env=ENVIRON,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == "The console listens on 0.0.0.0 only with a password: `invoke password` makes one.\n"
