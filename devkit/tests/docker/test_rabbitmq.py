"""RabbitMQ as the deployment has it."""

import json
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


def test_rabbitmq_has_the_accounts_of_the_project_and_its_page_is_for_operators(deployment: Deployment) -> None:
    networks = json.loads(docker("inspect", *deployment.containers("rabbitmq")))[0]["NetworkSettings"]["Networks"]
    # It is published nowhere; this machine reaches it in the network of the containers.
    page = f"https://{next(iter(networks.values()))['IPAddress']}:15672"
    trust = ssl.create_default_context(cafile=str(deployment.root / ".data/tls/authority.pem"))
    local = dict(
        line.split("=", 1) for line in (deployment.root / ".env.local").read_text().splitlines() if "=" in line
    )
    own = (COMMITTED["PROJECT"], local["RABBITMQ_PASSWORD"])
    service = (f"{COMMITTED['PROJECT']}-api", local["RABBITMQ_API_PASSWORD"])
    # Its certificate is for the name that it has there.
    name = {"sni_hostname": "rabbitmq"}
    with httpx2.Client(base_url=page, verify=trust, trust_env=False) as client:
        there = client.get("/api/vhosts", auth=own, extensions=name).json()
        assert [each["name"] for each in there] == [COMMITTED["PROJECT"]]
        # Accounts are for an administrator to see, and nobody is one.
        assert client.get("/api/users", auth=own, extensions=name).status_code == 401
        assert client.get("/api/vhosts", auth=service, extensions=name).status_code == 401
        assert client.get("/api/vhosts", auth=("guest", "guest"), extensions=name).status_code == 401
