import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from api.app import create_app
from common.config import Settings
from domain.ipecho.settings import IpechoSettings
from testing.structure import structure_of


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's proxy, if it has one, cannot reach a server of this test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def asking(url: str, *, timeout: str = "10") -> FlaskClient:
    environ = {"ENVIRONMENT": "test", "IPECHO_URL": url, "IPECHO_TIMEOUT": timeout}
    return create_app(Settings.load(environ, env_files=(), sections=[IpechoSettings])).test_client()


def test_it_tells_the_address(httpserver: HTTPServer, sample: Callable[[str], Any]) -> None:
    httpserver.expect_request("/").respond_with_data("203.0.113.7\n")
    response = asking(httpserver.url_for("/")).get("/api/v1/ipecho")
    assert (response.status_code, response.get_json()) == (200, {"ip": "203.0.113.7"})
    assert structure_of(response.get_json()) == structure_of(sample("ipecho/getIpecho"))


@pytest.mark.integration
def test_the_entry_point_refuses_an_address_that_is_none(tmp_path: Path) -> None:
    inherited = {key: value for key, value in os.environ.items() if key.startswith(("COV", "PYTHON"))}
    environ = {**inherited, "IPECHO_URL": "nonsense"}
    command = [sys.executable, "-c", "import api.wsgi"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "IPECHO_URL" in done.stderr


def test_a_wrong_answer_is_a_bad_gateway_and_is_not_repeated_to_the_client(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("<script>")
    response = asking(httpserver.url_for("/")).get("/api/v1/ipecho")
    assert (response.status_code, response.mimetype) == (502, "application/problem+json")
    assert "script" not in response.text


def test_a_remote_that_is_down_is_a_bad_gateway() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    response = asking(f"http://127.0.0.1:{port}/").get("/api/v1/ipecho")
    assert (response.status_code, response.mimetype) == (502, "application/problem+json")


def test_a_remote_that_is_silent_is_a_gateway_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        response = asking(url, timeout="0.3").get("/api/v1/ipecho")
    assert (response.status_code, response.mimetype) == (504, "application/problem+json")
