import os

from common.clients import Clients, Parts
from common.config import Settings
from testing.servers import unused_ports


def test_the_database_answers_a_ping_with_its_latency(settings: Settings) -> None:
    with Clients(settings) as clients:
        ((name, ping),) = clients.ping().items()
    assert (name, ping.ok) == ("mongo", True)
    assert ping.latency_ms is not None
    assert ping.latency_ms >= 0


def test_a_database_that_is_away_is_told_without_an_address() -> None:
    (port,) = unused_ports(1)
    with Clients(Settings(mongo_port=port)) as clients:
        ping = clients.ping()["mongo"]
    assert not ping.ok
    assert str(port) not in str(ping.error)


def test_a_forked_child_opens_clients_of_its_own(clients: Clients) -> None:
    parent = clients.database.client
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        own = clients.database.client
        os.write(writer, b"own" if own is not parent and own.admin.command("ping") else b"shared")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 10) == b"own"
    os.close(reader)
    os.close(writer)
    assert clients.database.client is parent


def test_closed_clients_open_anew(clients: Clients) -> None:
    first = clients.database.client
    clients.close()
    assert clients.database.client is not first
    assert clients.ping()["mongo"].ok


class Below:
    """A part that tells when it is closed."""

    def __init__(self, closed: list[str]) -> None:
        self._closed = closed

    def close(self) -> None:
        self._closed.append("below")


class Above:
    """A part that stands on another one."""

    def __init__(self, below: Below, closed: list[str]) -> None:
        self._below, self._closed = below, closed

    def close(self) -> None:
        self._closed.append("above")


def test_parts_are_opened_once_and_closed_the_last_one_first(settings: Settings) -> None:
    closed: list[str] = []
    clients = Clients(settings)
    others = Clients(settings, clients.parts)

    def above(parts: Parts) -> Above:
        return parts.opened(Above, lambda: Above(parts.opened(Below, lambda: Below(closed)), closed))

    assert above(clients.parts) is above(others.parts)
    others.close()
    assert closed == ["above", "below"]
    clients.close()
    assert closed == ["above", "below"]
