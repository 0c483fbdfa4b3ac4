"""`python -m admin.console` as a process: where it listens, what it refuses, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from testing.fixtures import new_environ
from testing.servers import Servers, unused_ports
from testing.waiting import eventually

pytestmark = pytest.mark.integration

# Another program's; split, for a test finds by this name what starts the server.
IGNORED = {"GRANIAN_" + "HOST": "0.0.0.0"}  # noqa: S104 - ignored
# A form that was read whole gets 422, for no panel has this name; that shows that it was read.
FORM = b"panel=none&key=k&title=t&numbers=1+2+3"
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@dataclass
class Live:
    """A running console."""

    process: subprocess.Popen[bytes]
    port: int

    def status(self, request: bytes, *, is_whole: bool) -> int:
        """Send a request, say that nothing follows half of one, and return the status; 0 when there is no answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            if not is_whole:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
        return int(answer.split()[1]) if answer else 0


@contextmanager
def starting(environ: dict[str, str], folder: Path) -> Iterator[Live]:
    (port,) = unused_ports(1)
    process = subprocess.Popen(
        [sys.executable, "-m", "admin.console"],
        env={**os.environ, **environ, "CONSOLE_PORT": str(port), **IGNORED},
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield Live(process, port)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def running(environ: dict[str, str], folder: Path) -> Iterator[Live]:
    with starting(environ, folder) as console:
        eventually(lambda: listens("127.0.0.1", console.port) or console.process.poll() is not None)
        yield console


@pytest.fixture(scope="module")
def live(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One console for all tests of this module that leave it running."""
    with running(new_environ(servers), tmp_path_factory.mktemp("console")) as started:
        yield started


def listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def test_it_ends_soon_when_it_is_asked_to_stop_while_it_starts(environ: dict[str, str], tmp_path: Path) -> None:
    with starting(environ, tmp_path) as own:
        # The process that will serve has begun and imports what it needs; until then it knows of no signal.
        children = ["pgrep", "-P", str(own.process.pid)]
        eventually(lambda: subprocess.run(children, capture_output=True, check=False).returncode == 0)
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(10) == 0


def test_it_serves_the_page_on_the_loopback_address_alone_until_it_is_asked_to_stop(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with running(environ, tmp_path) as own:
        page = httpx2.get(f"http://127.0.0.1:{own.port}/", timeout=20, trust_env=False)
        assert (page.status_code, page.headers["Server"]) == (200, "console")
        # The whole of 127.0.0.0/8 is this machine's; a server on every address would answer here.
        assert not listens("127.0.0.2", own.port)
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(20) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"Content-Length: %d\r\n\r\n" % len(FORM) + FORM, 422),
        (b"Content-Length: %d\r\n\r\n" % (len(FORM) + 2) + FORM, 400),
        (b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(FORM), FORM), 400),
        (b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(FORM), FORM), 411),
    ],
    ids=["whole", "half", "half in chunks", "whole in chunks"],
)
def test_half_a_form_reaches_no_panel(live: Live, body: bytes, status: int) -> None:
    is_whole = status in {422, 411}
    # The server may close the connection of a client that sent half a body without an answer.
    assert live.status(HEAD + body, is_whole=is_whole) in ({status} if is_whole else {status, 411, 0})


def test_a_port_that_is_taken_is_an_exit_code(environ: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = subprocess.run(
            [sys.executable, "-m", "admin.console"],
            env={**os.environ, **environ, "CONSOLE_PORT": str(taken.getsockname()[1])},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_a_port_that_is_none_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "admin.console"],
        env={**os.environ, **environ, "CONSOLE_PORT": "none"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "CONSOLE_PORT: " in done.stderr
