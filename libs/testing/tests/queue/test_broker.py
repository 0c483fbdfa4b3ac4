import socket
from pathlib import Path

import pytest

from common.brokers import named
from devkit.terminal import CommandError
from testing.brokers import FIRST, on_port
from testing.servers import Servers


def test_a_stopped_broker_leaves_its_port(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        servers.up(FIRST)
        address = ("127.0.0.1", int(servers.environ[named(FIRST).port_key]))
        socket.create_connection(address).close()
        assert servers.pid(FIRST) > 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_server_that_started_beside_one_that_did_not_is_stopped(tmp_path: Path) -> None:
    servers = Servers(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        servers.environ |= on_port(taken.getsockname()[1])
        with pytest.raises(CommandError):
            servers.up("mongo", FIRST)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(servers.environ["MONGO_PORT"])))
