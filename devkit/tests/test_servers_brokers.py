"""Which brokers are started, by the settings."""

import socket
from contextlib import closing

import pytest

from common import brokers
from common.broker import BrokerKind
from devkit.servers.selection import needed_names
from devkit.stack.temporary import production_environ

from .conftest import Servers

# What is used where none is named.
FIRST = brokers.named("")


def test_an_unknown_broker_is_refused_with_the_names_of_those_that_are_there(servers: Servers) -> None:
    done = servers.run("up", BROKER="kafka")
    assert done.returncode == 1
    assert f"BROKER: there is no broker 'kafka', only {' and '.join(brokers.names())}" in done.stderr
    assert not servers.data.exists()


@pytest.mark.parametrize("kind", brokers.kinds(), ids=brokers.names())
def test_the_settings_say_which_servers_are_needed(kind: BrokerKind) -> None:
    """Nothing that a product does not use is started."""
    assert needed_names({"BROKER": kind.name}) == ["mongo", kind.name]
    assert needed_names({}) == ["mongo", FIRST.name]
    assert needed_names({"BROKER": kind.name, "BROKER_URL": "elsewhere"}) == ["mongo"]
    assert "mongo" not in needed_names({"MONGO_URL": "elsewhere"})


def test_two_servers_on_one_port_are_refused_before_anything_starts(servers: Servers) -> None:
    done = servers.run("up", MONGO_PORT=servers.environ[FIRST.port_key])
    assert done.returncode == 1
    assert f"MONGO_PORT and {FIRST.port_key} are both" in done.stderr
    assert not servers.data.exists()


def test_a_stack_of_its_own_asks_no_broker_of_the_developers() -> None:
    environ = production_environ()
    assert (environ["BROKER"], environ["BROKER_URL"]) == ("", "")


def test_when_one_server_fails_the_others_that_were_started_with_it_are_stopped(servers: Servers) -> None:
    with closing(socket.create_server(("127.0.0.1", int(servers.environ[FIRST.port_key])))):
        done = servers.run("up")
    assert done.returncode == 1
    assert "starting mongo" in done.stderr
    assert not (servers.data / "mongo" / "state.json").exists()
