"""`invoke stress`: short runs of real users, by locust in its own environment."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from pytest_httpserver import HTTPServer

from devkit import ports
from devkit.apart import ensure_apart
from devkit.overview.page import State, state
from devkit.overview.reading import read
from devkit.process import wait_until

from .away import dead_proxy
from .conftest import ROOT
from .started import Spawn
from .stress_users import USERS

pytestmark = pytest.mark.integration

# What the servers of a stack note when they were started.
STATES = "stack-*/data/*/state.json"
LOCUSTFILE = "devkit/src/devkit/stress/harness/locustfile.py"


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "devkit", "stress", "--reports", str(folder / "reports"), *arguments]


def environ(folder: Path) -> dict[str, str]:
    """Return an environment whose temporary files lie in a folder."""
    return {**os.environ, **USERS, "NO_COLOR": "1", "TMPDIR": str(folder)}


def stress(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run it with its results and all it makes in a folder."""
    started = command(folder, *arguments)
    return subprocess.run(
        started, cwd=ROOT, env=environ(folder) | more, capture_output=True, text=True, check=False, timeout=120
    )


def written(folder: Path) -> dict[str, dict[str, float]]:
    """Return the rows of the results by their names."""
    return {row["name"]: row for row in json.loads((folder / "reports" / "stress.json").read_text())["rows"]}


def test_two_processes_stress_a_stack_of_their_own_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    # Made before, for the index may be behind the real proxy; this machine is asked past any.
    ensure_apart("stress")
    options = ["--users", "4", "--spawn-rate", "4", "--run-time", "2s", "--processes", "2", "--user", "ProbeUser"]
    done = stress(tmp_path, *options, **dead_proxy())
    assert done.returncode == 0, done.stderr
    rows = written(tmp_path)
    assert {"GET /readyz", "all requests"} <= rows.keys()
    assert sum(row["failures"] for row in rows.values()) == 0
    assert all(name in done.stdout for name in rows)
    assert "\r" not in done.stderr
    assert "Locust" in (tmp_path / "reports" / "stress.html").read_text()
    assert (tmp_path / "reports" / "stress_stats.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_ctrl_c_stops_everything_and_leaves_no_data(tmp_path: Path, spawn: Spawn) -> None:
    process = spawn(command(tmp_path), cwd=ROOT, env=environ(tmp_path), stderr=subprocess.PIPE, text=True)
    assert wait_until(lambda: bool(list(tmp_path.glob(STATES))), timeout=60)
    pids = [each["pid"] for path in tmp_path.glob(STATES) for each in json.loads(path.read_text())["processes"]]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == [
        "reports",
        "reports/outcome-stress.json",
    ]
    assert json.loads((tmp_path / "reports" / "outcome-stress.json").read_text())["passed"] is False
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_ctrl_c_ends_a_run_with_what_was_measured_until_then(
    tmp_path: Path, httpserver: HTTPServer, spawn: Spawn
) -> None:
    httpserver.expect_request("/readyz").respond_with_json({"message": "hello"})
    arguments = ["--host", httpserver.url_for(""), "--user", "ProbeUser"]
    process = spawn(
        command(tmp_path, *arguments),
        cwd=ROOT,
        env=environ(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # More than there are users, so some have their answers.
    assert wait_until(lambda: len(httpserver.log) > 20, timeout=60)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "GET /readyz" in printed
    assert "KeyboardInterrupt" not in said
    assert written(tmp_path)["GET /readyz"]["count"] > 0
    assert (tmp_path / "reports" / "stress.html").exists()


def test_failures_are_shown_and_set_the_exit_code(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/readyz").respond_with_data("no", status=500)
    done = stress(tmp_path, "--host", httpserver.url_for(""), "--user", "ProbeUser", "--users", "2", "--run-time", "1s")
    assert done.returncode == 3
    assert "x GET /readyz: " in done.stderr
    assert "failed, 100.00%; allowed are 0.00%" in done.stderr
    assert written(tmp_path)["all requests"]["failures"] > 0


def test_a_user_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    done = stress(tmp_path, "--user", "Nobody")
    assert done.returncode == 1
    assert "--user Nobody does not exist; choose from " in done.stderr
    assert "MixUser" in done.stderr


def test_a_taken_port_of_the_page_is_named_with_its_owner(tmp_path: Path, httpserver: HTTPServer) -> None:
    done = stress(tmp_path, "--web", "--web-port", str(httpserver.port))
    assert done.returncode == 1
    assert f"port {httpserver.port} is used by pid {os.getpid()}" in done.stderr


def test_the_page_keeps_to_this_machine_and_to_the_host_that_was_given(tmp_path: Path, httpserver: HTTPServer) -> None:
    port = ports.unused()
    arguments = ["--web", "--web-port", str(port), "--host", httpserver.url_for("")]
    process = subprocess.Popen(command(tmp_path, *arguments), cwd=ROOT, env=environ(tmp_path))
    try:
        assert wait_until(lambda: ports.is_open(port), timeout=60)
        wanted = {"user_count": 1, "spawn_rate": 1, "host": "http://example.com"}
        answer = httpx2.post(f"http://127.0.0.1:{port}/swarm", data=wanted, timeout=30, trust_env=False).json()
        assert answer["success"] is False
        assert "start it anew" in answer["message"]
        assert not ports.is_open(port, "127.0.0.2")
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    assert code == 0
    assert httpserver.log == []
    # Nothing was measured, so the page of results must not call the step failed.
    assert state("stress", read(tmp_path / "reports")) == State("idle", "not run")


def test_locusts_own_master_and_worker_share_the_users_and_keep_the_limits(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/readyz").respond_with_json({"message": "hello"})
    port, results = str(ports.unused()), tmp_path / "reports" / "stress.json"
    results.parent.mkdir()
    common = [ensure_apart("stress"), "-m", "locust", "-f", LOCUSTFILE, "--loglevel", "WARNING"]
    master = [*common, "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--headless"]
    master += ["--expect-workers", "1", "--host", httpserver.url_for(""), "--users", "2", "--run-time", "4s"]
    master += ["--only-summary", "--results", str(results), "--max-p95", "0.5", "ProbeUser"]
    second = [*common, "--worker", "--master-host", "127.0.0.1", "--master-port", port, "ProbeUser"]
    other = subprocess.Popen(second, cwd=ROOT, env=environ(tmp_path))
    try:
        done = subprocess.run(
            master, cwd=ROOT, env=environ(tmp_path), capture_output=True, text=True, check=False, timeout=60
        )
        assert other.wait(20) == 0
    finally:
        other.kill()
        other.wait()
    assert done.returncode == 3, done.stderr
    assert "breach: GET /readyz: p95 is" in done.stderr
    assert written(tmp_path)["GET /readyz"]["count"] > 0
