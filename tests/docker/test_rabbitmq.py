"""RabbitMQ as the deployment has it."""

import re
import ssl

import httpx2
import pytest

from .conftest import COMMITTED, Deployment, docker
from .data import report

pytestmark = pytest.mark.deploy


def test_the_message_goes_through_rabbitmq(deployment: Deployment) -> None:
    report.whole(deployment, report.make(deployment))
    queues = docker(
        "exec",
        *deployment.containers("rabbitmq"),
        "rabbitmqctl",
        "-q",
        "list_queues",
        "-p",
        COMMITTED["PROJECT"],
        "name",
        "consumers",
    )
    assert re.search(rf"^{COMMITTED['PROJECT']}\S*\s+[1-9]", queues, re.MULTILINE), queues


def test_rabbitmq_has_the_projects_user_and_no_guest(deployment: Deployment) -> None:
    page = f"https://127.0.0.1:{deployment.settings['RABBITMQ_MANAGEMENT_PORT']}"
    trust = ssl.create_default_context(cafile=str(deployment.root / ".data/tls/authority.pem"))
    local = dict(
        line.split("=", 1) for line in (deployment.root / ".env.local").read_text().splitlines() if "=" in line
    )
    own = (COMMITTED["PROJECT"], local["RABBITMQ_PASSWORD"])
    with httpx2.Client(base_url=page, verify=trust, trust_env=False) as client:
        assert [each["name"] for each in client.get("/api/vhosts", auth=own).json()] == [COMMITTED["PROJECT"]]
        assert [each["name"] for each in client.get("/api/users", auth=own).json()] == [COMMITTED["PROJECT"]]
        assert client.get("/api/vhosts", auth=("guest", "guest")).status_code == 401
