"""A mongod is made usable once, and asking again changes nothing. A fresh one is met by devkit/tests/test_mongo.py."""

import json

import pytest

from devkit.servers.replica import ReplicaError, main, prepare
from testing.servers import Servers, unused_ports


def test_a_usable_server_stays_as_it_is_and_tells_its_version(servers: Servers) -> None:
    port, password = int(servers.environ["MONGO_PORT"]), servers.environ["MONGO_PASSWORD"]
    first = prepare(port=port, user="groundwork", password=password)
    assert first == prepare(port=port, user="groundwork", password=password)
    assert first.count(".") == 2


def test_another_password_is_refused_without_being_shown(servers: Servers) -> None:
    with pytest.raises(ReplicaError, match="MONGO_PASSWORD") as raised:
        prepare(port=int(servers.environ["MONGO_PORT"]), user="groundwork", password="another-password")
    assert "another-password" not in str(raised.value)


def test_a_server_that_does_not_come_is_given_up_in_time() -> None:
    [port] = unused_ports(1)
    with pytest.raises(ReplicaError, match=f"nothing listens on port {port}"):
        prepare(port=port, user="groundwork", password="any", timeout=0.1)


def test_the_command_prints_the_version_as_json(servers: Servers, capsys: pytest.CaptureFixture[str]) -> None:
    assert main({**servers.environ, "MONGO_USER": "groundwork"}) == 0
    assert json.loads(capsys.readouterr().out)["version"]


def test_the_command_tells_what_is_wrong_in_one_line(servers: Servers, capsys: pytest.CaptureFixture[str]) -> None:
    assert main({**servers.environ, "MONGO_USER": "groundwork", "MONGO_PASSWORD": "another-password"}) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
