"""The whole stack in production mode, jobs included, on servers that take nothing but encrypted connections."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.config import Settings
from common.mongo import connect
from testing.brokers import ON_EACH
from testing.waiting import eventually

from .conftest import Tls
from .production import Production

pytestmark = pytest.mark.integration


def post(stack: Production) -> dict[str, Any]:
    answer = stack.http.post("/api/v1/reports", json={"title": "Numbers", "values": [1, 2, 3]})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def status(stack: Production, report: dict[str, Any]) -> str:
    return str(stack.http.get(f"/api/v1/reports/{report['id']}").raise_for_status().json()["status"])


@ON_EACH
def test_jobs_are_done_over_verified_connections(
    serve: Callable[..., Production], tls: Tls, broker: str, tmp_path: Path
) -> None:
    environ = tls.environ(tls.server(broker))
    # As Celery would read it, past what is made of the address, this would leave out the authority.
    environ["BROKER_URL"] += "?ssl_cert_reqs=required"
    stack = serve(REPORT_PURGE_EVERY="1", **environ)
    assert stack.http.get("/readyz").json()["status"] == "ready"
    first = post(stack)
    eventually(lambda: status(stack, first) == "done")
    # The beat's ticks, which a worker does.
    settings = Settings.load(stack.environ, env_files=())
    with connect(settings) as client:
        eventually(lambda: client[settings.mongo_database]["ticks"].count_documents({"job.state": "done"}))

    # A job is pending in the backup, and no message tells of it when it is restored: only a sweeper can.
    worker, file = stack.pids["worker"], str(tmp_path / "backup.bson.gz")
    os.killpg(worker, signal.SIGSTOP)
    waiting = post(stack)
    stack.admin("backup", file)
    assert status(stack, waiting) == "pending"
    os.killpg(worker, signal.SIGCONT)
    eventually(lambda: status(stack, waiting) == "done")
    stack.admin("restore", file, "--yes")
    eventually(lambda: status(stack, waiting) == "done", seconds=40)

    assert "are as declared" in stack.admin("indexes", "--check")
    assert "reports" not in [job["collection"] for job in json.loads(stack.admin("jobs", "list", "--json"))]
    said = stack.logs()
    assert "certificate" not in said
    assert "not encrypted" not in said
