"""Clients that take their time: they hold no thread, and are let go after a limit."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from testing.offline import nowhere

from .conftest import Live, Start, everything, running, status_of

pytestmark = pytest.mark.integration

POST = b"POST /api/v1/resources HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
LIMIT = 2.0
# What a connection begins with, and what it sends five times a second from then on.
SLOW = {
    "idle": (b"", b""),
    "head": (b"GET /version HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"1"),
    "half a head": (b"GET /version HTTP/1.1\r\nHost: loc", b""),
    "body": (POST + b"Content-Length: 100000\r\n\r\n{", b"1"),
    "half a body": (POST + b"Content-Length: 100000\r\n\r\n{", b""),
    "chunked body": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n1\r\n"),
    "awaited body": (POST + b"Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n", b""),
    "body of a route that reads none": (b"GET /version HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n", b""),
    "next request": (b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One API for all tests of this module that need no limit of their own; its servers are not there."""
    environ = {"ENVIRONMENT": "test", **nowhere(), "MONGO_TIMEOUT": "0.1"}
    limits = {"API_THREADS": "2", "API_READ_TIMEOUT": str(LIMIT)}
    with running({**environ, **limits}, tmp_path_factory.mktemp("slow")) as started:
        yield started


@contextmanager
def slow(live: Live, how: str, count: int) -> Iterator[list[socket.socket]]:
    """As many slow clients, which go on as they began."""
    start, more = SLOW[how]
    done = threading.Event()
    with ExitStack() as stack:
        clients = [stack.enter_context(live.connect()) for _ in range(count)]
        for client in clients:
            client.sendall(start)

        def drip() -> None:
            while not done.wait(0.2):
                for client in clients:
                    try:
                        client.sendall(more)
                    except OSError:
                        continue

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield clients
        finally:
            done.set()
            thread.join()


def fast(live: Live, until: Callable[[], bool]) -> list[float]:
    """The seconds of each usual request; each has to be served."""
    found = []
    while not until():
        began = time.monotonic()
        assert status_of(live.get("/version")) == 200
        found.append(time.monotonic() - began)
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("how", SLOW)
def test_slow_clients_hinder_nobody_and_are_let_go(live: Live, how: str) -> None:
    with slow(live, how, 40) as clients:
        end = time.monotonic() + LIMIT / 2
        assert fast(live, lambda: time.monotonic() > end)
        ended: list[bytes] = []

        def watch() -> None:
            ended.extend(map(everything, clients))

        watching = threading.Thread(target=watch)
        watching.start()
        took = fast(live, lambda: not watching.is_alive() or time.monotonic() > end + LIMIT + 10)
        assert len(ended) == 40
    assert sorted(took)[len(took) // 2] < 1
    expected = 200 if how == "next request" else 408 if "body" in how else 0
    assert {status_of(answer) for answer in ended} == {expected}


def test_a_body_that_comes_fast_enough_may_take_longer_than_the_limit(live: Live) -> None:
    piece = b"1" * 64 * 1024
    with live.connect() as connection:
        connection.sendall(POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % (12 * len(piece)))
        for _ in range(12):
            connection.sendall(piece)
            time.sleep(0.2)
        # Twelve pieces of digits are no JSON object, but they were read.
        assert status_of(everything(connection)) in {400, 422}


def test_more_connections_than_may_be_held_wait_until_one_is_closed(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, API_CONNECTIONS="20", API_READ_TIMEOUT="2")
    with slow(live, "idle", 40):
        began = time.monotonic()
        assert status_of(live.get("/version")) == 200
        # Two rounds of idle connections were let go before it.
        assert time.monotonic() - began < 10


def test_bodies_on_their_way_are_bounded_all_together(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, MAX_BODY_BYTES="65536", API_READ_TIMEOUT="5")
    body = POST + b"Content-Length: 65536\r\n\r\n" + b"1" * 65000
    with ExitStack() as stack:
        clients = [stack.enter_context(live.connect()) for _ in range(20)]
        for client in clients:
            client.sendall(body)
        answers = [status_of(everything(client)) for client in clients]
        assert answers.count(503) >= 3
        assert status_of(live.get("/version")) == 200
    # What was let go is no longer counted.
    with live.connect() as connection:
        connection.sendall(POST + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}")
        assert status_of(everything(connection)) == 422


def test_a_huge_head_is_refused(live: Live) -> None:
    assert status_of(live.get("/version", f"X-Long: {'1' * 30_000}")) == 200
    assert status_of(live.get("/version", f"X-Long: {'1' * 200_000}")) in {431, 0}
    assert status_of(live.get("/version")) == 200
