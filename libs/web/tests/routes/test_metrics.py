import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from flask.testing import FlaskClient

from testing.servers import unused_ports
from testing.waiting import eventually

RESOURCES = "/api/v1/resources"
# Where the API is that the tests start.
TESTS = Path(__file__).parents[1]


def sample(text: str, start: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(start))


def test_whoever_reaches_the_api_directly_may_read_them(api: FlaskClient) -> None:
    answer = api.get("/metrics", headers={"Host": "any.example"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "mongodb_up 1.0" in answer.text


def test_requests_are_counted_by_their_route_and_never_by_what_a_client_made_up(offline: FlaskClient) -> None:
    def count(**labels: str) -> float:
        pairs = ",".join(f'{name}="{value}"' for name, value in labels.items())
        return sample(offline.get("/metrics").text, f"http_requests_total{{{pairs}}}")

    known = {"method": "GET", "route": "/api/v1/resources/<id>", "status": "404"}
    made_up = {"method": "other", "route": "none", "status": "404"}
    before = count(**known), count(**made_up)
    for number in range(5):
        offline.get(f"{RESOURCES}/x{number}")
        offline.open(f"/nothing/{number}", method=f"MADE{number}")
    assert (count(**known), count(**made_up)) == (before[0] + 5, before[1] + 5)
    assert "MADE1" not in offline.get("/metrics").text


def test_they_tell_that_the_database_is_away(offline: FlaskClient) -> None:
    answer = offline.get("/metrics")
    assert answer.status_code == 200
    assert "mongodb_up 0.0" in answer.text


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_what_comes_through_a_proxy_is_told_nothing(offline: FlaskClient, name: str) -> None:
    assert offline.get("/metrics", headers={name: "203.0.113.7"}).status_code == 404


@pytest.mark.integration
def test_two_processes_are_told_as_one(environ: dict[str, str], tmp_path: Path) -> None:
    (port,) = unused_ports(1)
    own = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"), "API_PORT": str(port), "API_WORKERS": "2"}
    own["PYTHONPATH"] = os.pathsep.join((str(TESTS), str(TESTS / "front")))
    command = [sys.executable, "-m", "web.serve", "resource_api:app"]
    process = subprocess.Popen(command, env={**os.environ, **environ, **own}, cwd=tmp_path)
    try:
        address = f"http://127.0.0.1:{port}"
        eventually(lambda: answers(address))
        asked = 0

        def both_have_counted() -> bool:
            # A connection of its own each time, so that both processes get some, the one that starts later too.
            nonlocal asked
            assert get(f"{address}/version").status_code == 200
            asked += 1
            return len(list((tmp_path / "metrics").glob("counter_*.db"))) == 2

        eventually(both_have_counted)
        for _ in range(10):
            told = get(f"{address}/metrics").text
            assert sample(told, 'http_requests_total{method="GET",route="/version",status="200"}') == asked
    finally:
        process.terminate()
        process.wait(20)


def answers(address: str) -> bool:
    try:
        return get(f"{address}/healthz").status_code == 200
    except httpx2.TransportError:
        return False


def get(url: str) -> httpx2.Response:
    """Ask over a connection of its own; nothing is encrypted, so the authorities need not be read each time."""
    return httpx2.get(url, trust_env=False, verify=False)
