import socket
from pathlib import Path

import pytest
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.mongo import Document
from devkit.terminal import CommandError
from testing.fixtures import drop
from testing.servers import Servers, UnsafeDatabaseError, guard
from testing.waiting import eventually


@pytest.mark.parametrize("name", ["product", "production", "admin", "local", "", "Test_x", "mytest_"])
def test_a_database_that_is_no_tests_is_never_dropped(name: str, clients: Clients) -> None:
    with pytest.raises(UnsafeDatabaseError):
        guard(name)
    with pytest.raises(UnsafeDatabaseError):
        drop(clients.database.client, name)


def test_tests_have_databases_of_their_own(database: Database[Document], settings: Settings) -> None:
    assert guard(database.name) == settings.mongo_database
    assert settings.environment == "test"


def test_stopped_servers_leave_their_ports(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        servers.up("mongo")
        address = ("127.0.0.1", int(servers.environ["MONGO_PORT"]))
        socket.create_connection(address).close()
        assert servers.pid("mongo") > 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_what_the_tool_said_is_in_the_error(tmp_path: Path) -> None:
    servers = Servers(tmp_path)
    with pytest.raises(CommandError, match="nothing-like-it"):
        servers.up("nothing-like-it")


def test_waiting_gives_up_with_the_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"\[\]"):
        eventually(list, seconds=0.05)
