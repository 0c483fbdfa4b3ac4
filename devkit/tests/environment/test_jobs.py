"""Whatever another project has set in the shell, jobs go the way of the settings."""

import json
import time

import httpx2
import pytest

from .conftest import Running

pytestmark = pytest.mark.integration


def test_a_job_goes_the_way_of_the_settings(running: Running) -> None:
    with httpx2.Client(base_url=running.parts["api"]["url"], timeout=30, trust_env=False) as http:
        began = time.monotonic()
        report = http.post("/api/v1/reports", json={"title": "Numbers", "values": [1, 2]}).raise_for_status().json()
        while http.get(f"/api/v1/reports/{report['id']}").json()["status"] != "done":
            assert time.monotonic() - began < 20
            time.sleep(0.02)
        assert http.get("/readyz").json()["status"] == "ready"


def test_the_worker_and_the_beat_are_among_the_processes_that_are_looked_at(running: Running) -> None:
    assert {part for part, _ in running.seen} >= {"api", "worker", "beat"}
    assert len(running.seen) >= 5


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "CELERY_TRACE_APP", "DJANGO_SETTINGS_MODULE"])
def test_a_command_for_operators_works(running: Running, name: str) -> None:
    done = running.command("admin", "jobs", "list", "--json", name=name)
    assert (done.returncode, done.stderr) == (0, "")
    assert isinstance(json.loads(done.stdout), list)
