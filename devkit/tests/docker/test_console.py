"""The console in a container of its own, behind the proxy."""

import re
import ssl

import httpx2
import pytest

from .conftest import Deployment, docker, until

pytestmark = pytest.mark.deploy
NAME = "console.example.com"


def test_operators_reach_the_console_through_the_proxy_by_its_name(deployment: Deployment) -> None:
    said = deployment.invoke("password")
    password, kept = said.splitlines()[-1], re.search(r"CONSOLE_PASSWORD_HASH=(\S+)", said)
    assert kept
    try:
        told = deployment.invoke("up", CONSOLE_ORIGIN=f"https://{NAME}", CONSOLE_PASSWORD_HASH=kept[1])
        assert f"operators reach the console at https://{NAME}" in told
        trust = ssl.create_default_context(cafile=str(deployment.root / ".data" / "edge" / "authority.pem"))
        headers = {"Host": NAME, "Origin": f"https://{NAME}"}
        base = f"https://localhost:{deployment.settings['EDGE_PORT']}"
        with httpx2.Client(base_url=base, headers=headers, verify=trust, trust_env=False, timeout=10) as client:
            answer = until(lambda: client.post("/login", data={"password": password}))
            assert answer.status_code == 303, answer.text
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
            assert "MongoDB" in client.get("/", headers={"Cookie": cookie}).text
        # What is kept of the password is the console's alone.
        [api, *_] = deployment.containers("api")
        assert kept[1] not in docker("inspect", api)
    finally:
        deployment.invoke("up")
    assert deployment.containers("console") == []
