"""The console behind the proxy: a real HAProxy leads to a real console by its name, and to the API by all others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from admin.console.password import hash_of
from devkit.stack.private import PrivateStack
from testing.servers import unused_ports
from testing.waiting import eventually

from .conftest import Edge, running

pytestmark = pytest.mark.integration
PASSWORD, NAME = "a password of the console", "console.example.com"


@pytest.fixture
def edge(haproxy: str, stack: PrivateStack, tmp_path: Path) -> Iterator[Edge]:
    """Provide a proxy in front of the API and of a console."""
    (port,) = unused_ports(1)
    own = {"CONSOLE_PORT": str(port), "CONSOLE_ORIGIN": f"https://{NAME}", "CONSOLE_PASSWORD_HASH": hash_of(PASSWORD)}
    console = subprocess.Popen([sys.executable, "-m", "admin.console"], env={**os.environ, **stack.environ, **own})
    variables = {"EDGE_CONSOLE_NAME": NAME, "EDGE_CONSOLE": f"127.0.0.1:{port}"}
    try:
        eventually(lambda: answers(port) or console.poll() is not None)
        with running(
            haproxy, tmp_path, stack.url.removeprefix("http://"), stack.headers, variables=variables
        ) as started:
            yield started
    finally:
        console.terminate()
        console.wait(20)


def answers(port: int) -> bool:
    """Return whether a console answers at a port of this machine."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/login", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


def test_its_name_leads_to_it_and_every_other_to_the_api(edge: Edge) -> None:
    with edge.client() as client:
        page = client.get("/", headers={"Host": NAME})
        assert (page.status_code, page.headers["Location"]) == (303, "/login")
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert client.get("/", headers={"Host": f"{NAME}:{edge.port}"}).headers["Server"] == "console"
        assert client.get("/login").status_code == 404
        assert client.get("/healthz").status_code == 200


def test_an_operator_logs_in_through_it(edge: Edge) -> None:
    headers = {"Host": NAME, "Origin": f"https://{NAME}"}
    with edge.client() as client:
        answer = client.post("/login", data={"password": PASSWORD}, headers=headers)
        assert answer.status_code == 303, answer.text
        cookie = answer.headers["Set-Cookie"]
        assert "Secure" in cookie
        seen = client.get("/", headers={"Host": NAME, "Cookie": cookie.partition(";")[0]})
        assert seen.status_code == 200
        assert "MongoDB" in seen.text
