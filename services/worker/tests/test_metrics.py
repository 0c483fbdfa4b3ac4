"""What a real worker with two children tells of them at its port."""

import os
import signal
import socket
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest

from testing.servers import unused_ports
from testing.waiting import eventually

from .conftest import Cancel, Ended, Post, Runs, StartWorker

pytestmark = pytest.mark.integration


def told(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read(), "utf-8")


def value(text: str, start: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(start))


def attempts(port: int, outcome: str) -> float:
    return value(told(port), f'job_attempts_total{{name="slow.work",outcome="{outcome}"}}')


def test_the_children_are_counted_together_also_after_one_of_them_died(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    tmp_path: Path,
) -> None:
    port, folder = unused_ports(1)[0], tmp_path / "temporary"
    folder.mkdir()
    # As where nobody names a folder for what is counted.
    part = worker(METRICS_PORT=str(port), WORKER_CONCURRENCY="2", TMPDIR=str(folder), PROMETHEUS_MULTIPROC_DIR="")
    jobs = [post(0.1) for _ in range(20)]
    for job in jobs:
        ended(job)
    pids = {run["pid"] for job in jobs for run in runs(job)}
    assert len(pids) == 2
    eventually(lambda: attempts(port, "done") == 20)
    os.kill(pids.pop(), signal.SIGKILL)
    jobs = [post(0.1) for _ in range(10)]
    for job in jobs:
        ended(job)
    eventually(lambda: attempts(port, "done") == 30)
    text = told(port)
    assert value(text, 'job_attempt_seconds_count{name="slow.work"}') == 30
    assert 2 < value(text, 'job_attempt_seconds_sum{name="slow.work"}') < 30
    assert value(text, 'sweeps_total{outcome="ok"}') > 0
    assert value(text, "mongodb_up") == 1
    # Just when the main process has learned of it, a stop is no slower.
    eventually(lambda: "SIGKILL" in part.text())
    part.signal(signal.SIGTERM)
    assert part.wait() == 0
    assert list(folder.iterdir()) == []


def test_outcomes_are_told_apart(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    cancel: Cancel,
) -> None:
    port = unused_ports(1)[0]
    worker(METRICS_PORT=str(port), JOB_MAX_ATTEMPTS="1")
    ended(post(then="refuse"))
    ended(post(then="fail"))
    job = post(20)
    eventually(lambda: runs(job))
    cancel(job)
    for outcome in ("failed", "error", "discarded"):
        assert eventually(partial(attempts, port, outcome)) == 1


def test_a_child_born_later_does_not_keep_the_port_of_a_killed_worker(
    worker: StartWorker, post: Post, ended: Ended, runs: Runs
) -> None:
    port = unused_ports(1)[0]
    first = worker(METRICS_PORT=str(port), WORKER_CONCURRENCY="1", JOB_LEASE="600")
    job = post(0)
    ended(job)
    os.kill(runs(job)[0]["pid"], signal.SIGKILL)
    later = post(60, 0)
    child = eventually(lambda: runs(later))[0]["pid"]
    os.kill(child, signal.SIGSTOP)
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    os.kill(child, signal.SIGKILL)


def test_a_port_that_is_taken_ends_no_worker(worker: StartWorker, post: Post, ended: Ended) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        part = worker(METRICS_PORT=str(taken.getsockname()[1]))
        assert ended(post())["job"]["state"] == "done"
    assert "There are no metrics at METRICS_PORT" in part.text()
