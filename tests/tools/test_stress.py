"""`invoke stress`: what it refuses, what breaks its limits, and short runs of real users."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from pytest_httpserver import HTTPServer

from tests.stress.harness.outcome import breaches, rows_of, table
from tools import ports
from tools.install import ensure_apart
from tools.process import wait_until
from tools.stress.options import parse
from tools.stress.own_stack import stack_environ
from tools.stress.target import allowed_host, check_reachable
from tools.terminal import CommandError

from .conftest import ROOT, SECRETS

# What the servers of a stack note when they were started.
STATES = "stress-*/data/*/state.json"
LOCUSTFILE = "tests/stress/harness/locustfile.py"


@dataclass
class Figures:
    """Stands in for locust's StatsEntry; every time is the same."""

    method: str
    name: str
    num_requests: int
    num_failures: int = 0
    total_rps: float = 1.5
    milliseconds: float = 20

    def get_response_time_percentile(self, percent: float) -> float:
        return self.milliseconds


ENTRIES = [
    Figures("JOB", "report: POST to done", 10, milliseconds=900),
    Figures("POST", "/reports", 10, milliseconds=70),
    Figures("GET", "/hello", 80, num_failures=2),
]
ROWS = rows_of(ENTRIES, Figures("", "Aggregated", 90, 2))


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tools.stress", "--reports", "reports", *arguments]


def environ(folder: Path) -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", "BROKER": "redis", "TMPDIR": str(folder)}


def stress(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with its results and all it makes in a folder."""
    where = ["--reports", str(folder / "reports"), *arguments]
    return subprocess.run(
        command(*where), cwd=ROOT, env=environ(folder), capture_output=True, text=True, check=False, timeout=120
    )


def written(folder: Path) -> dict[str, dict[str, float]]:
    """Return the rows of the results by their names."""
    return {row["name"]: row for row in json.loads((folder / "reports" / "stress.json").read_text())["rows"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--users=-5"],
        ["--users=0"],
        ["--users=many"],
        ["--users=²"],
        ["--spawn-rate=nan"],
        ["--spawn-rate=inf"],
        ["--run-time=soon"],
        ["--run-time=0s"],
        ["--run-time="],
        ["--run-time=5s1h"],
        ["--processes=65"],
        ["--max-fail-ratio=1.1"],
        ["--max-p95=0"],
        ["--web-port=65536"],
        ["--host=localhost"],
        ["--host=ftp://localhost"],
        ["--host=http://localhost:99999"],
        ["--no-such-option"],
    ],
    ids=" ".join,
)
def test_rubbish_is_refused_in_one_line_that_names_it(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        parse(arguments)
    assert refused.value.code == 2
    assert arguments[0].partition("=")[0] in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("time", ["30", "30s", "5m", "1h30m", "2h5s"])
def test_a_run_time_is_written_as_locust_writes_it(time: str) -> None:
    assert parse(["--run-time", time]).run_time == time


@pytest.mark.parametrize("host", ["http://localhost", "http://127.0.0.1:8000/", "http://127.9.9.9", "http://[::1]:80"])
def test_this_machine_may_be_stressed(host: str) -> None:
    assert allowed_host(host, owned=False) == host.rstrip("/")


@pytest.mark.parametrize(
    "host",
    [
        "http://example.com",
        "http://localhost.example.com",
        "http://localhost@10.0.0.1",
        "http://0.0.0.0",
        "http://[::]",
    ],
)
def test_another_host_may_be_stressed_by_its_owner_only(host: str) -> None:
    with pytest.raises(CommandError, match="--i-own-this-host"):
        allowed_host(host, owned=False)
    assert allowed_host(host, owned=True) == host


def test_a_host_where_nobody_listens_is_one_clear_line() -> None:
    with pytest.raises(CommandError, match=r"cannot be reached: .*refused"):
        check_reachable(f"http://127.0.0.1:{ports.unused()}")


def test_each_stack_has_fresh_secrets_and_ports_and_nothing_of_the_developers() -> None:
    first, second = stack_environ(), stack_environ()
    own = ("API_PORT", "MONGO_PORT", "REDIS_PORT", "RABBITMQ_PORT")
    assert len({first[key] for key in own}) == len(own)
    assert all(first[key] != second[key] for key in SECRETS)
    assert (first["ENVIRONMENT"], first["MONGO_URL"], first["BROKER_URL"]) == ("production", "", "")


def test_jobs_stand_below_the_requests_and_are_in_no_total() -> None:
    assert [row.name for row in ROWS] == ["GET /hello", "POST /reports", "all requests", "report: POST to done"]
    lines = table(ROWS).splitlines()
    assert lines[0].split("  ")[0] == "request"
    assert lines[2].split() == ["POST", "/reports", "10", "1.5", "70", "70", "70", "0"]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("ratio", "p95", "found"),
    [
        (0.02, None, []),
        (0.02, 70, []),
        (0, None, ["2 of 100 failed, 2.00%; allowed are 0.00%"]),
        (0.019, None, ["2 of 100 failed, 2.00%; allowed are 1.90%"]),
        (1, 50, ["POST /reports: p95 is 70 ms; allowed are 50 ms"]),
        (1, 10, ["GET /hello: p95 is 20 ms; allowed are 10 ms", "POST /reports: p95 is 70 ms; allowed are 10 ms"]),
    ],
)
def test_a_limit_is_broken_by_failures_and_by_each_slow_kind_of_request(
    ratio: float, p95: float | None, found: list[str]
) -> None:
    assert breaches(ROWS, max_fail_ratio=ratio, max_p95=p95) == found


def test_a_run_without_any_answer_is_a_breach() -> None:
    assert breaches([], max_fail_ratio=1, max_p95=None) == ["nothing was answered, so nothing was measured"]


@pytest.mark.integration
def test_two_processes_stress_a_stack_of_their_own_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    done = stress(tmp_path, "--users", "4", "--spawn-rate", "4", "--run-time", "2s", "--processes", "2")
    assert done.returncode == 0, done.stderr
    rows = written(tmp_path)
    assert {"GET /api/v1/hello", "POST /api/v1/reports", "all requests", "report: POST to done"} <= rows.keys()
    assert rows["report: POST to done"]["count"] > 0
    assert sum(row["failures"] for row in rows.values()) == 0
    assert all(name in done.stdout for name in rows)
    assert "\r" not in done.stderr
    assert "Locust" in (tmp_path / "reports" / "stress.html").read_text()
    assert (tmp_path / "reports" / "stress_stats.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


@pytest.mark.integration
def test_ctrl_c_stops_everything_and_leaves_no_data(tmp_path: Path) -> None:
    process = subprocess.Popen(command(), cwd=ROOT, env=environ(tmp_path), stderr=subprocess.PIPE, text=True)
    assert wait_until(lambda: bool(list(tmp_path.glob(STATES))), timeout=60)
    pids = [each["pid"] for path in tmp_path.glob(STATES) for each in json.loads(path.read_text())["processes"]]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.integration
def test_ctrl_c_ends_a_run_with_what_was_measured_until_then(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v1/hello").respond_with_json({"message": "hello"})
    arguments = ["--reports", str(tmp_path / "reports"), "--host", httpserver.url_for(""), "--user", "HelloUser"]
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, env=environ(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    # More than there are users, so some have their answers.
    assert wait_until(lambda: len(httpserver.log) > 20, timeout=60)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "GET /api/v1/hello" in printed
    assert "KeyboardInterrupt" not in said
    assert written(tmp_path)["GET /api/v1/hello"]["count"] > 0
    assert (tmp_path / "reports" / "stress.html").exists()


@pytest.mark.integration
def test_failures_are_shown_and_set_the_exit_code(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v1/hello").respond_with_data("no", status=500)
    done = stress(tmp_path, "--host", httpserver.url_for(""), "--user", "HelloUser", "--users", "2", "--run-time", "1s")
    assert done.returncode == 3
    assert "x GET /api/v1/hello: " in done.stderr
    assert "failed, 100.00%; allowed are 0.00%" in done.stderr
    assert written(tmp_path)["all requests"]["failures"] > 0


@pytest.mark.integration
def test_a_user_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    done = stress(tmp_path, "--user", "Nobody")
    assert done.returncode == 1
    assert done.stderr.endswith("there is no such user; there are HelloUser, MixUser, ReportUser.\n")


@pytest.mark.integration
def test_a_taken_port_of_the_page_is_named_with_its_owner(tmp_path: Path, httpserver: HTTPServer) -> None:
    done = stress(tmp_path, "--web", "--web-port", str(httpserver.port))
    assert done.returncode == 1
    assert f"port {httpserver.port} is taken by pid {os.getpid()}" in done.stderr


@pytest.mark.integration
def test_the_page_keeps_to_this_machine_and_to_the_host_that_was_given(tmp_path: Path, httpserver: HTTPServer) -> None:
    port = ports.unused()
    arguments = ["--reports", str(tmp_path), "--web", "--web-port", str(port), "--host", httpserver.url_for("")]
    process = subprocess.Popen(command(*arguments), cwd=ROOT, env=environ(tmp_path))
    try:
        assert wait_until(lambda: ports.is_open(port), timeout=60)
        wanted = {"user_count": 1, "spawn_rate": 1, "host": "http://example.com"}
        answer = httpx2.post(f"http://127.0.0.1:{port}/swarm", data=wanted, timeout=30).json()
        assert answer["success"] is False
        assert "start it anew" in answer["message"]
        assert not ports.is_open(port, "127.0.0.2")
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    assert code == 0
    assert httpserver.log == []


@pytest.mark.integration
def test_locusts_own_master_and_worker_share_the_users_and_keep_the_limits(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/api/v1/hello").respond_with_json({"message": "hello"})
    port, results = str(ports.unused()), tmp_path / "reports" / "stress.json"
    results.parent.mkdir()
    common = [ensure_apart("stress"), "-m", "locust", "-f", LOCUSTFILE, "--loglevel", "WARNING"]
    master = [*common, "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--headless"]
    master += ["--expect-workers", "1", "--host", httpserver.url_for(""), "--users", "2", "--run-time", "1s"]
    master += ["--only-summary", "--results", str(results), "--max-p95", "0.5", "HelloUser"]
    worker = [*common, "--worker", "--master-host", "127.0.0.1", "--master-port", port, "HelloUser"]
    other = subprocess.Popen(worker, cwd=ROOT, env=environ(tmp_path))
    try:
        done = subprocess.run(
            master, cwd=ROOT, env=environ(tmp_path), capture_output=True, text=True, check=False, timeout=60
        )
        assert other.wait(20) == 0
    finally:
        other.kill()
        other.wait()
    assert done.returncode == 3, done.stderr
    assert "breach: GET /api/v1/hello: p95 is" in done.stderr
    assert written(tmp_path)["GET /api/v1/hello"]["count"] > 0
