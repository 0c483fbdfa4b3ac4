"""Clients that are slow on purpose, of every kind at once: everybody else is served, and they are closed.

They come from other addresses of the loopback network than those who are served, for one address may hold no more than
2,500 connections.
"""

import contextlib
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h2.config
import h2.connection
import pytest

from devkit.stack.private import PrivateStack

from .conftest import NAME, Edge, changed, running

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have one address of loopback"),
]

# Seconds after which each of them must have been closed: the limit is ten.
CLOSED = 13.0
HEAD = b"POST /api/v1/notes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@dataclass(frozen=True)
class Kind:
    """How many slow clients do what, from which address."""

    name: str
    count: int
    address: str
    begun: bytes
    encrypted: bool = True


KINDS = [
    Kind("idle", 2000, "127.0.0.2", b"", encrypted=False),
    Kind("head", 400, "127.0.0.3", b"GET /version HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
    Kind("body", 400, "127.0.0.4", HEAD + b"Content-Length: 100000\r\n\r\n{"),
    # More than the proxy keeps: the API must close these.
    Kind("long body", 400, "127.0.0.5", HEAD + b"Content-Length: 4000000\r\n\r\n{" + b"x" * 20_000),
]
# Where those are from that never finish the handshake of TLS.
SILENT = "127.0.0.6"


@contextlib.contextmanager
def clients(edge: Edge, kind: Kind) -> Iterator[list[socket.socket]]:
    """Connect the clients of a kind, each of which has begun a request."""
    port = edge.port if kind.encrypted else edge.plain_port
    with connected(port, kind.count, kind.address) as plain, contextlib.ExitStack() as encrypted:
        made = plain
        if kind.encrypted:
            made = [encrypted.enter_context(edge.trust.wrap_socket(one, server_hostname=NAME)) for one in plain]
        for client in made:
            client.sendall(kind.begun)
        yield made


@contextlib.contextmanager
def connected(port: int, count: int, address: str) -> Iterator[list[socket.socket]]:
    """Connect many times from one address."""
    with contextlib.ExitStack() as opened:
        yield [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(address, 0)))
            for _ in range(count)
        ]


def is_closed(client: socket.socket) -> bool:
    """Return whether the other side has ended a connection; what it had answered before is read."""
    client.settimeout(0)
    try:
        while client.recv(65536):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    return True


def drip(slow: list[socket.socket]) -> None:
    """Send one byte more from each that is still connected."""
    for client in slow:
        with contextlib.suppress(OSError):
            client.sendall(b"1")


@contextlib.contextmanager
def unfinished_streams(edge: Edge) -> Iterator[None]:
    """Begin bodies in all streams that one connection of HTTP/2 may have, and finish none."""
    trust = ssl.create_default_context(cafile=str(edge.authority))
    trust.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", edge.port), timeout=10, source_address=("127.0.0.7", 0))
    with plain, trust.wrap_socket(plain, server_hostname=NAME) as client:
        assert client.selected_alpn_protocol() == "h2"
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        connection.initiate_connection()
        fields = [(":method", "POST"), (":path", "/api/v1/notes"), (":scheme", "https"), (":authority", NAME)]
        for _ in range(50):
            stream = connection.get_next_available_stream_id()
            connection.send_headers(stream, [*fields, ("content-type", "application/json"), ("content-length", "100")])
            connection.send_data(stream, b"{")
        client.sendall(connection.data_to_send())
        yield


def test_slow_clients_are_closed_and_everybody_else_is_served(edge: Edge) -> None:
    answered = asked = 0
    with contextlib.ExitStack() as opened:
        opened.enter_context(connected(edge.port, 2000, SILENT))
        opened.enter_context(unfinished_streams(edge))
        slow = {kind.name: opened.enter_context(clients(edge, kind)) for kind in KINDS}
        deadline = time.monotonic() + CLOSED
        while time.monotonic() < deadline:
            asked += 1
            # A connection of its own each time.
            with edge.client(timeout=3) as client, contextlib.suppress(OSError):
                answered += client.get("/api/v1/notes").status_code == 200
            for name in ("head", "body", "long body"):
                drip(slow[name])
            time.sleep(0.2)
        closed = {name: sum(map(is_closed, some)) for name, some in slow.items()}
    print(f"{answered} of {asked} normal requests served; closed: {closed}")
    assert answered >= 0.99 * asked
    assert closed == {kind.name: kind.count for kind in KINDS}


def test_one_address_holds_only_so_many_connections_and_others_are_served(
    haproxy: str, stack: PrivateStack, tmp_path: Path
) -> None:
    """With fewer of them, for opening thousands takes as long as an idle one is kept."""
    fewer = changed(tmp_path, "sc0_conn_cur gt 2500", "sc0_conn_cur gt 25")
    with (
        running(haproxy, tmp_path, stack.url.removeprefix("http://"), stack.headers, fewer) as edge,
        connected(edge.plain_port, 25, "127.0.0.8") as held,
    ):
        assert is_refused(edge.plain_port, "127.0.0.8")
        assert not any(map(is_closed, held))
        with edge.client() as client:
            assert client.get("/api/v1/notes").status_code == 200


def is_refused(port: int, address: str) -> bool:
    """Return whether one connection more from an address is ended at once."""
    try:
        with connected(port, 1, address) as [further]:
            return further.recv(1) == b""
    except ConnectionError:
        return True
