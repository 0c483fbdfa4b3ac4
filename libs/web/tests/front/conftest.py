"""The API as it really runs, under its HTTP server, asked over raw sockets."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from testing.servers import unused_ports
from testing.waiting import eventually

HERE = Path(__file__).parent


class Live:
    """An API that was started."""

    def __init__(self, environ: dict[str, str], app: str, folder: Path) -> None:
        (self.port,) = unused_ports(1)
        self.log = folder / "api.log"
        self.environ = {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}", **environ, "API_PORT": str(self.port)}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web.serve", app],
                env={**os.environ, **self.environ},
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers. Raises AssertionError when it ends before, or takes too long."""
        eventually(lambda: self.process.poll() is not None or self.healthy(), seconds=60)
        assert self.process.poll() is None, self.log.read_text()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, data: bytes, *, half_close: bool = False, seconds: float = 20) -> bytes:
        """What is answered to these bytes until the server closes; half-closing tells that no more will come."""
        with self.connect() as connection:
            connection.settimeout(seconds)
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            return everything(connection)

    def get(self, target: str, *lines: str) -> bytes:
        head = "\r\n".join([f"GET {target} HTTP/1.1", "Host: localhost", "Connection: close", *lines, "", ""])
        return self.raw(head.encode("latin-1"))

    def healthy(self) -> bool:
        return self.health() == 200

    def health(self, seconds: float = 3) -> int:
        """The status that liveness answers; 0 when it does not."""
        try:
            with self.connect() as connection:
                connection.settimeout(seconds)
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return status_of(everything(connection))
        except OSError:
            return 0

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)
        assert "Traceback" not in (text := self.log.read_text()), text


@contextmanager
def running(environ: dict[str, str], folder: Path, app: str = "resource_api:app") -> Iterator[Live]:
    """Start an API and stop it in the end, also when it does not get ready."""
    live = Live(environ, app, folder)
    try:
        live.wait()
        yield live
    finally:
        live.stop()


def everything(connection: socket.socket) -> bytes:
    """All bytes until the server closes, or breaks off."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def status_of(answer: bytes) -> int:
    """The status of an answer, after those that only say `go on`; 0 for none."""
    while answer.startswith(b"HTTP/1.1 100"):
        answer = answer.partition(b"\r\n\r\n")[2]
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


Start = Callable[..., Live]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts APIs, and stops them with the test."""
    with ExitStack() as stops:

        def begin(environ: dict[str, str], app: str = "resource_api:app", **settings: str) -> Live:
            return stops.enter_context(running({**environ, **settings}, tmp_path, app))

        yield begin
