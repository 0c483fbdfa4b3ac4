import socket

import pytest

from testing.fixtures import drop
from testing.servers import Servers, ServersError, UnsafeDatabaseError, guard
from testing.waiting import eventually


@pytest.mark.parametrize("name", ["groundwork", "production", "admin", "local", "", "Test_x", "mytest_"])
def test_a_database_that_is_no_tests_is_never_dropped(name, clients):
    with pytest.raises(UnsafeDatabaseError):
        guard(name)
    with pytest.raises(UnsafeDatabaseError):
        drop(clients.database.client, name)


def test_tests_have_databases_of_their_own(database, settings):
    assert guard(database.name) == settings.mongo_database
    assert settings.environment == "test"


def test_stopped_servers_leave_their_ports(pytestconfig, tmp_path):
    with Servers(pytestconfig.rootpath, tmp_path) as servers:
        servers.up("redis")
        address = ("127.0.0.1", int(servers.environ["REDIS_PORT"]))
        socket.create_connection(address).close()
        assert servers.pid("redis") > 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_what_the_tool_said_is_in_the_error(pytestconfig, tmp_path):
    servers = Servers(pytestconfig.rootpath, tmp_path)
    with pytest.raises(ServersError, match="nothing-like-it"):
        servers.up("nothing-like-it")


def test_waiting_gives_up_with_the_last_answer():
    with pytest.raises(AssertionError, match=r"\[\]"):
        eventually(list, seconds=0.05)


def test_a_server_that_started_beside_one_that_did_not_is_stopped(pytestconfig, tmp_path):
    servers = Servers(pytestconfig.rootpath, tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        servers.environ["REDIS_PORT"] = str(taken.getsockname()[1])
        with pytest.raises(ServersError):
            servers.up("mongo", "redis")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(servers.environ["MONGO_PORT"])))
