"""The worker and the beat in containers, and what they survive."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from common import brokers

from .conftest import IMAGES, SERVICES, Deployment, docker
from .data import report
from .test_images import carried, refused

pytestmark = pytest.mark.deploy


def test_the_worker_and_the_beat_run() -> None:
    assert {"worker", "beat"} < set(SERVICES)


def test_a_report_is_done_by_the_worker_and_both_logs_carry_the_request_id(deployment: Deployment) -> None:
    report.whole(deployment, report.make(deployment, **{"X-Request-ID": "from-the-report"}))
    for service in ("api", "worker"):
        lines = [json.loads(line) for line in deployment.invoke("logs", service).splitlines() if line.startswith("{")]
        assert any(line["request_id"] == "from-the-report" and line["service"] == service for line in lines)
    assert re.search(r"^worker-1 +\| .*from-the-report", deployment.invoke("logs"), re.MULTILINE)


def test_the_workers_time_to_stop_is_longer_than_its_warm_shutdown(deployment: Deployment) -> None:
    (worker,) = deployment.containers("worker")
    grace = re.search(r"(?m)^WORKER_STOP_GRACE=(\d+)", (deployment.root / ".env").read_text())
    assert grace is not None
    assert json.loads(docker("inspect", worker))[0]["Config"]["StopTimeout"] > int(grace[1])


def test_the_metrics_of_a_worker_are_for_the_containers_network(deployment: Deployment) -> None:
    report.whole(deployment, report.make(deployment))
    script = "import urllib.request as r; print(r.urlopen('http://worker:9000/metrics', timeout=5).read().decode())"
    said = docker("exec", *deployment.containers("api"), "python", "-c", script)
    assert "mongodb_up 1.0" in said
    assert 'job_attempts_total{name="report.compute",outcome="done"}' in said


def test_a_killed_worker_is_started_again(deployment: Deployment) -> None:
    if os.geteuid() != 0 or not Path("/proc").exists():
        pytest.skip("only root of a Linux machine can kill a container's process from outside")
    (worker,) = deployment.containers("worker")
    pid = int(docker("inspect", "--format", "{{.State.Pid}}", worker))
    accepted = [report.make(deployment) for _ in range(10)]
    os.kill(pid, signal.SIGKILL)
    for identity in accepted:
        report.whole(deployment, identity)
    assert int(docker("inspect", "--format", "{{.RestartCount}}", worker)) >= 1


def test_an_operator_is_told_that_a_job_is_not_there(deployment: Deployment) -> None:
    assert "There is no job nothing." in deployment.invoke("admin", "jobs show nothing", code=1)


def test_the_worker_carries_nothing_that_only_the_api_needs(deployment: Deployment) -> None:
    assert carried(deployment, "worker", "flask", "granian", "web") == ""


@pytest.mark.parametrize("service", IMAGES)
def test_an_image_names_the_missing_password_of_the_broker(deployment: Deployment, service: str) -> None:
    assert f"{brokers.named('').password_key}: is missing" in refused(deployment, service)
