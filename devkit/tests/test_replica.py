"""A mongod is made usable once, and repeating it changes nothing. A fresh one is met by devkit/tests/test_mongo.py."""

import contextlib
import gc
import socket
import threading
from collections.abc import Iterator

import pytest

from devkit.servers.replica import accepts_writes, settled
from devkit.terminal import CommandError
from testing.servers import Servers, unused_ports


@pytest.fixture(scope="module")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("mongo")) as started:
        started.up("mongo")
        yield started


def test_a_usable_server_stays_as_it_is_and_tells_its_version(mongo: Servers) -> None:
    port, password = int(mongo.environ["MONGO_PORT"]), mongo.environ["MONGO_ADMIN_PASSWORD"]
    first = settled(port, "admin", password)
    assert first is not None
    assert first == settled(port, "admin", password)
    assert first.count(".") == 2
    assert accepts_writes(port)


def test_another_password_is_refused_without_being_shown(mongo: Servers) -> None:
    with pytest.raises(CommandError, match="MONGO_ADMIN_PASSWORD") as raised:
        settled(int(mongo.environ["MONGO_PORT"]), "admin", "another-password")
    assert "another-password" not in str(raised.value)


def test_a_server_that_does_not_answer_is_not_usable_yet() -> None:
    [port] = unused_ports(1)
    assert settled(port, "admin", "any") is None
    assert not accepts_writes(port)


def test_a_port_where_no_mongod_answers_leaves_no_socket_open() -> None:
    def hang_up(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=hang_up, args=(listener,), daemon=True)
        thread.start()
        port = int(listener.getsockname()[1])
        # A socket that is left open is a warning when it is collected, and a warning is an error.
        assert [accepts_writes(port) for _ in range(5)] == [False] * 5
        gc.collect()
        assert settled(port, "admin", "any") is None
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
