"""The native RabbitMQ: a private node that listens on this machine only and leaves nothing running."""

import ipaddress
import shutil

import amqp
import pytest

from devkit.process import started_at

from .conftest import Servers, listening


def connect(servers: Servers, password: str) -> amqp.Connection:
    return amqp.Connection(
        f"127.0.0.1:{servers.environ['RABBITMQ_PORT']}",
        userid="product",
        password=password,
        virtual_host="product",
        connect_timeout=10,
        login_method="PLAIN",
    )


@pytest.mark.skipif(shutil.which("epmd") is None, reason="RabbitMQ is not installed on this machine")
def test_the_node_serves_its_own_user_on_loopback_only_and_ends_with_its_port_mapper(servers: Servers) -> None:
    servers.environ |= {"BROKER": "rabbitmq", "RABBITMQ_USER": "product", "PROJECT": "product"}
    row = servers.rows("up", "--only", "rabbitmq")["rabbitmq"]
    assert row["url"] == f"amqp://127.0.0.1:{servers.environ['RABBITMQ_PORT']}/product"
    with connect(servers, servers.environ["RABBITMQ_PASSWORD"]) as connection:
        declared = connection.channel().queue_declare("product.kept", durable=True)
        assert declared is not None
        assert declared[0] == "product.kept"
    with pytest.raises(amqp.AccessRefused):
        connect(servers, "another-password").connect()

    processes = servers.processes("rabbitmq")
    assert len(processes) == 2
    for pid in processes:
        assert listening(pid)
        assert all(ipaddress.ip_address(address).is_loopback for address in listening(pid))

    assert servers.run("up", "--only", "rabbitmq", RABBITMQ_PASSWORD="another-password").returncode == 1
    assert servers.rows("down", "--only", "rabbitmq")["rabbitmq"]["state"] == "stopped"
    assert [started_at(pid) for pid in processes] == [None, None]


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("epmd") is None, reason="RabbitMQ is not installed on this machine")
def test_a_node_serves_another_project_and_password_from_its_next_start_on(servers: Servers) -> None:
    servers.data = servers.data.with_name("odd # data")
    servers.rows("up", "--only", "rabbitmq")
    servers.rows("down", "--only", "rabbitmq")
    servers.environ |= {"PROJECT": "renamed", "RABBITMQ_USER": "", "RABBITMQ_PASSWORD": "another-password"}
    assert servers.rows("up", "--only", "rabbitmq")["rabbitmq"]["state"] == "started"
    row = servers.rows("up", "--only", "rabbitmq")["rabbitmq"]
    assert row["state"] == "already up"
    assert str(row["url"]).endswith("/renamed")
