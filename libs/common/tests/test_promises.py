"""A server that may lose work is told of; in production the process is not ready on it."""

import logging
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pymongo.errors import ConnectionFailure

from common import promises as module
from common.clients import Clients
from common.config import Settings
from common.promises import Promises
from testing.servers import Servers, unused_ports
from testing.waiting import eventually

LOST = "MongoDB is no member of a replica set; start it with `--replSet`, and initiate it"


class Told(Clients):
    """Clients whose servers are as a test says."""

    def __init__(self, environment: str, **looks: Callable[[], list[str]]) -> None:
        settings = Settings.load({}, env_files=())
        super().__init__(settings.model_copy(update={"environment": environment}))
        self.looks = dict(looks)

    def promises(self) -> dict[str, Callable[[], list[str]]]:
        return self.looks


def silent() -> list[str]:
    raise ConnectionFailure


@pytest.fixture
def alone(servers: Servers, tmp_path: Path) -> Iterator[Clients]:
    """Clients of a real mongod that is no member of a replica set."""
    mongod, (port,) = psutil.Process(servers.pid("mongo")).exe(), unused_ports(1)
    command = [mongod, "--dbpath", str(tmp_path), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            with Clients(Settings.load({"MONGO_URL": f"mongodb://127.0.0.1:{port}/"}, env_files=())) as clients:
                eventually(lambda: clients.ping()["mongo"].ok, seconds=60)
                yield clients
        finally:
            process.terminate()


def test_a_replica_set_keeps_what_it_has_acknowledged(clients: Clients) -> None:
    assert Promises(lambda: clients).ask() == ""
    assert clients.promises()["mongo"]() == []


def test_a_server_alone_is_told_of(alone: Clients) -> None:
    assert alone.promises()["mongo"]() == [LOST]


def test_in_production_it_is_a_reason_and_elsewhere_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, module.__name__)
    told = [Told(name, mongo=lambda: [LOST]) for name in ("production", "development")]
    asked = [Promises(clients_of) for clients_of in (lambda: told[0], lambda: told[1])]
    assert [promises.ask() for promises in asked] == [LOST, ""]
    assert [line.getMessage() for line in caplog.records] == [f"Work may be lost: {LOST}."] * 2


def test_what_was_found_is_told_once_and_counts_while_the_server_is_away(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.WARNING, module.__name__)
    monkeypatch.setattr(module, "PAUSE", 0)
    monkeypatch.setattr(module, "SILENT_PAUSE", 0)
    clients = Told("production", mongo=lambda: [LOST], other=silent)
    promises = Promises(lambda: clients)
    assert promises.ask() == promises.ask() == LOST
    clients.looks["mongo"] = silent
    assert promises.ask() == LOST
    clients.looks["mongo"] = list
    assert promises.ask() == ""
    assert len(caplog.records) == 1


def test_servers_are_looked_at_once_a_minute_and_sooner_while_one_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, clock = [], [0.0]

    def look() -> list[str]:
        looks.append(clock[0])
        return []

    clients = Told("production", mongo=look)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    promises = Promises(lambda: clients)

    def ask_at(*moments: float) -> None:
        for clock[0] in moments:
            promises.ask()

    ask_at(1000, 1059, 1061)
    clients.looks["other"] = silent
    ask_at(1122, 1126, 1128)
    assert looks == [1000, 1061, 1122, 1128]
