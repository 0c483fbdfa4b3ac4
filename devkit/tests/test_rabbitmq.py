"""The native RabbitMQ: a private node that listens on this machine only and leaves nothing running."""

import os
import shutil
from pathlib import Path

import amqp
import pytest

from devkit.process import started_at

from .conftest import Servers


def connect(servers: Servers, password: str) -> amqp.Connection:
    return amqp.Connection(
        f"127.0.0.1:{servers.environ['RABBITMQ_PORT']}",
        userid="groundwork",
        password=password,
        virtual_host="groundwork",
        connect_timeout=10,
        login_method="PLAIN",
    )


def listening(pid: int) -> set[str]:
    """The addresses that a process listens on, as /proc writes them."""
    sockets = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.exists() or link.is_symlink()}
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


@pytest.mark.skipif(shutil.which("epmd") is None, reason="RabbitMQ is not installed on this machine")
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="asks Linux who listens where")
def test_the_node_serves_its_own_user_on_loopback_only_and_ends_with_its_port_mapper(servers: Servers) -> None:
    servers.environ |= {"BROKER": "rabbitmq", "RABBITMQ_USER": "groundwork", "PROJECT": "groundwork"}
    row = servers.rows("up", "--only", "rabbitmq")["rabbitmq"]
    assert row["url"] == f"amqp://127.0.0.1:{servers.environ['RABBITMQ_PORT']}/groundwork"
    with connect(servers, servers.environ["RABBITMQ_PASSWORD"]) as connection:
        assert connection.channel().queue_declare("kept", durable=True).queue == "kept"
    with pytest.raises(amqp.AccessRefused):
        connect(servers, "another-password").connect()

    processes = servers.processes("rabbitmq")
    assert len(processes) == 2
    loopback = {"0100007F", "00000000000000000000000001000000"}
    for pid in processes:
        assert listening(pid) <= loopback
        assert listening(pid)

    assert servers.run("up", "--only", "rabbitmq", RABBITMQ_PASSWORD="another-password").returncode == 1
    assert servers.rows("down", "--only", "rabbitmq")["rabbitmq"]["state"] == "stopped"
    assert [started_at(pid) for pid in processes] == [None, None]
