"""The real stack in production: a job that was accepted is done, whatever dies in between."""

import json
import os
import signal
import sys
from pathlib import Path

import httpx2
import pytest

from devkit.stack.headers import headers_for
from devkit.stack.private import PrivateStack

from .conftest import ROOT, eventually, private_environ
from .started import Spawn
from .workload_jobs import WORKLOAD

BODY = {"title": "x", "values": [1, 3]}


def post(stack: PrivateStack) -> str:
    """Post a job that must be accepted; return its address."""
    answer = httpx2.post(f"{stack.url}/api/v1/examples", json=BODY, headers=stack.headers, timeout=20)
    assert answer.status_code == 202, answer.text
    return f"{stack.url}/api/v1/examples/{answer.json()['id']}"


@pytest.mark.integration
@pytest.mark.parametrize("victim", ["worker", "mongo"])
def test_what_was_accepted_before_a_death_is_done_after_the_next_start(tmp_path: Path, victim: str) -> None:
    environ = private_environ(API_WORKERS="2", **WORKLOAD)
    with PrivateStack(tmp_path, environ) as stack:
        # The job waits, for its worker hears of it no more.
        os.killpg(stack.pids["worker"], signal.SIGSTOP)
        job = post(stack)
        os.kill(stack.pids[victim], signal.SIGKILL)
        os.killpg(stack.pids["worker"], signal.SIGCONT if victim == "mongo" else signal.SIGKILL)
        assert stack.process.wait(60) == 1
        assert f"error: {victim} " in stack.said
    with PrivateStack(tmp_path, environ) as again:
        eventually(lambda: httpx2.get(job, headers=again.headers).json()["status"] == "done", 60)
        again.check()


@pytest.mark.integration
def test_the_lines_of_production_are_objects_that_name_the_job(tmp_path: Path, spawn: Spawn) -> None:
    environ = private_environ(API_TRUSTED_HOSTS="127.0.0.1", **WORKLOAD)
    out, err = tmp_path / "out", tmp_path / "err"
    command = [sys.executable, "-m", "devkit", "serve", "--data", str(tmp_path / "data")]
    with out.open("wb") as lines, err.open("wb") as said:
        process = spawn(command, cwd=ROOT, env=environ, stdout=lines, stderr=said)
    eventually(lambda: process.poll() is not None or "Ctrl-C stops" in err.read_text(), 60)
    api = f"http://127.0.0.1:{environ['API_PORT']}/api/v1/examples"
    headers = headers_for(environ)
    job = httpx2.post(api, json=BODY, headers=headers, timeout=20).json()
    eventually(lambda: httpx2.get(f"{api}/{job['id']}", headers=headers).json()["status"] == "done", 60)
    process.terminate()
    assert process.wait(60) == 0, err.read_text()
    objects = [json.loads(line) for line in out.read_text().splitlines()]
    assert {"api", "worker"} <= {line["service"] for line in objects}
    assert job["id"] in {line["job_id"] for line in objects}
