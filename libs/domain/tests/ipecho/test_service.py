import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from domain.ipecho.model import RemoteInvalidError, RemoteTimeoutError, RemoteUnavailableError
from domain.ipecho.service import public_address
from domain.ipecho.settings import IpechoSettings

# Long enough for three tries with their pauses, and for a busy machine.
AMPLE = 10.0


def asking(server: HTTPServer, *, timeout: float = AMPLE) -> IpechoSettings:
    return IpechoSettings(ipecho_url=server.url_for("/"), ipecho_timeout=timeout)


@contextmanager
def raw_server(*pieces: bytes, pause: float) -> Iterator[str]:
    """A server that answers every request with these pieces, one after each pause, until its client has gone."""
    ended = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            with suppress(OSError):
                for piece in pieces:
                    self.request.sendall(piece)
                    if ended.wait(pause):
                        return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            ended.set()
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's proxy, if it has one, cannot reach a server of this test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.mark.parametrize("text", ["203.0.113.7", "203.0.113.7\n", " 2001:db8::7 "])
def test_a_right_answer_is_an_address(httpserver: HTTPServer, text: str) -> None:
    httpserver.expect_request("/").respond_with_data(text, content_type="text/plain")
    assert public_address(asking(httpserver)).ip == ip_address(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<html></html>",
        "203.0.113",
        "203.0.113.7 203.0.113.8",
        "0xCB007107",
        "fe80::1%<b>",
        "\u0968.\u0968.\u0968.\u0968",
    ],
)
def test_a_wrong_answer_is_refused_and_not_repeated(httpserver: HTTPServer, text: str) -> None:
    httpserver.expect_request("/").respond_with_data(text)
    with pytest.raises(RemoteInvalidError) as refused:
        public_address(asking(httpserver))
    assert text == "" or text not in str(refused.value)
    assert len(httpserver.log) == 1


def test_a_huge_answer_is_refused_before_it_is_read(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"1" * 1025)
    with pytest.raises(RemoteInvalidError, match="1024 bytes"):
        public_address(asking(httpserver))


@pytest.mark.parametrize("status", [204, 301, 302, 404, 429])
def test_another_status_is_no_answer_and_a_redirect_is_not_followed(httpserver: HTTPServer, status: int) -> None:
    elsewhere = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request("/").respond_with_data("203.0.113.7", status=status, headers=elsewhere)
    with pytest.raises(RemoteInvalidError, match=str(status)):
        public_address(asking(httpserver))
    assert [request.path for request, _ in httpserver.log] == ["/"]


def test_a_server_that_fails_is_asked_again(httpserver: HTTPServer) -> None:
    answers = iter([Response(status=500), Response(status=503), Response("203.0.113.7")])

    def answer(request: Request) -> Response:
        return next(answers)

    httpserver.expect_request("/").respond_with_handler(answer)
    assert public_address(asking(httpserver)).ip == ip_address("203.0.113.7")
    assert len(httpserver.log) == 3


def test_a_server_that_keeps_failing_is_asked_three_times(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("no", status=500)
    with pytest.raises(RemoteUnavailableError, match="500"):
        public_address(asking(httpserver))
    assert len(httpserver.log) == 3


def test_a_server_that_is_down_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(RemoteUnavailableError, match="ConnectError"):
        public_address(IpechoSettings(ipecho_url=f"http://127.0.0.1:{port}/", ipecho_timeout=AMPLE))


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b""], id="silent"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"X-Drip: 1\r\n"] * 1000], id="dripping header"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b"1"] * 900], id="dripping body"),
    ],
)
def test_a_slow_server_gets_one_budget_of_time_and_no_more(pieces: list[bytes]) -> None:
    pause = 30 if pieces == [b""] else 0.05
    with raw_server(*pieces, pause=pause) as url:
        started = time.monotonic()
        with pytest.raises(RemoteTimeoutError, match=r"0\.4 s"):
            public_address(IpechoSettings(ipecho_url=url, ipecho_timeout=0.4))
        assert 0.4 <= time.monotonic() - started < 5


@pytest.mark.parametrize("piece", [b"", b"SSH-2.0-OpenSSH\r\n\r\n"], ids=["hangs up", "another protocol"])
def test_a_server_that_does_not_speak_http_is_unavailable(piece: bytes) -> None:
    with raw_server(piece, pause=0) as url, pytest.raises(RemoteUnavailableError):
        public_address(IpechoSettings(ipecho_url=url, ipecho_timeout=AMPLE))


@pytest.mark.remote
def test_the_real_service_tells_our_address() -> None:
    assert public_address(IpechoSettings(ipecho_timeout=20)).ip.is_global
