"""The network that the harness takes away, tried with an echo."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from devkit.chaos.proxy import DELAY, HOST, Mode, Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that answers what it was told; its port."""
    listener = socket.create_server((HOST, 0))

    def answer(connection: socket.socket) -> None:
        with connection:
            try:
                while data := connection.recv(1000):
                    connection.sendall(data)
            except OSError:
                return

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.fixture
def proxy(echo: int) -> Iterator[Proxy]:
    with Proxy(echo) as opened:
        yield opened


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    """A connection through the proxy that has worked once."""
    with socket.create_connection((HOST, proxy.port), timeout=5) as connection:
        assert said(connection) == b"hello"
        yield connection


def said(connection: socket.socket) -> bytes:
    connection.sendall(b"hello")
    return connection.recv(1000)


def is_silent(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        return not said(connection) and False
    except TimeoutError:
        return True


def test_a_slow_network_holds_data_back(proxy: Proxy, client: socket.socket) -> None:
    proxy.switch(Mode.SLOW)
    began = time.monotonic()
    assert said(client) == b"hello"
    assert time.monotonic() - began >= 2 * DELAY


def test_a_cut_network_resets_and_refuses_until_it_is_back(proxy: Proxy, client: socket.socket) -> None:
    proxy.switch(Mode.RESET)
    with pytest.raises(ConnectionError):
        said(client)
    with pytest.raises(ConnectionError), socket.create_connection((HOST, proxy.port), timeout=5) as refused:
        said(refused)
    proxy.switch(Mode.PASS)
    with socket.create_connection((HOST, proxy.port), timeout=5) as fresh:
        assert said(fresh) == b"hello"


def test_who_was_in_a_hole_never_hears_again_and_new_connections_pass(proxy: Proxy, client: socket.socket) -> None:
    proxy.switch(Mode.HOLE)
    with socket.create_connection((HOST, proxy.port), timeout=5) as caught:
        assert is_silent(caught)
        assert is_silent(client)
        proxy.switch(Mode.PASS)
        assert is_silent(caught)
        assert is_silent(client)
    with socket.create_connection((HOST, proxy.port), timeout=5) as fresh:
        assert said(fresh) == b"hello"


def test_a_target_that_is_away_looks_like_a_cut_network() -> None:
    with socket.create_server((HOST, 0)) as nobody:
        port = int(nobody.getsockname()[1])
    with (
        Proxy(port) as proxy,
        pytest.raises(ConnectionError),
        socket.create_connection((HOST, proxy.port), timeout=5) as refused,
    ):
        said(refused)
