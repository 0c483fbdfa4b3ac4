"""The proxy in place of a network, with an echo server behind it."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from devkit.chaos.proxy import DELAY, HOST, Mode, Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """Start a server that sends back what it receives; return its port."""
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
    """Open a connection through the proxy that has worked once."""
    with socket.create_connection((HOST, proxy.port), timeout=5) as connection:
        assert echoed(connection) == b"hello"
        yield connection


def echoed(connection: socket.socket) -> bytes:
    connection.sendall(b"hello")
    return connection.recv(1000)


def is_silent(connection: socket.socket) -> bool:
    connection.settimeout(0.3)
    try:
        return not echoed(connection) and False
    except TimeoutError:
        return True


def test_a_slow_network_holds_data_back(proxy: Proxy, client: socket.socket) -> None:
    proxy.switch(Mode.SLOW)
    began = time.monotonic()
    assert echoed(client) == b"hello"
    assert time.monotonic() - began >= 2 * DELAY


def test_a_cut_network_resets_and_refuses_until_it_is_back(proxy: Proxy, client: socket.socket) -> None:
    proxy.switch(Mode.RESET)
    with pytest.raises(ConnectionError):
        echoed(client)
    with pytest.raises(ConnectionError), socket.create_connection((HOST, proxy.port), timeout=5) as refused:
        echoed(refused)
    proxy.switch(Mode.PASS)
    with socket.create_connection((HOST, proxy.port), timeout=5) as fresh:
        assert echoed(fresh) == b"hello"


def test_a_connection_from_the_time_of_a_blackhole_stays_dead_and_new_ones_pass(
    proxy: Proxy, client: socket.socket
) -> None:
    proxy.switch(Mode.BLACKHOLE)
    with socket.create_connection((HOST, proxy.port), timeout=5) as caught:
        assert is_silent(caught)
        assert is_silent(client)
        proxy.switch(Mode.PASS)
        assert is_silent(caught)
        assert is_silent(client)
    with socket.create_connection((HOST, proxy.port), timeout=5) as fresh:
        assert echoed(fresh) == b"hello"


def test_a_target_that_does_not_run_looks_like_a_cut_network() -> None:
    with socket.create_server((HOST, 0)) as unused:
        port = int(unused.getsockname()[1])
    with (
        Proxy(port) as proxy,
        pytest.raises(ConnectionError),
        socket.create_connection((HOST, proxy.port), timeout=5) as refused,
    ):
        echoed(refused)
