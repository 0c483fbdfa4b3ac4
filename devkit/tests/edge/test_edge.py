"""What the proxy does with each request, whoever sends it."""

import json
import re
import signal
import socket
import ssl
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from devkit.stack.private import PrivateStack
from testing.servers import unused_ports
from testing.waiting import eventually

from .conftest import NAME, Edge, changed, running

pytestmark = pytest.mark.integration
NOTE = {"title": "Edge", "text": "behind a proxy"}


@pytest.mark.parametrize("versions", [{"http1": True}, {"http1": False, "http2": True}], ids=["HTTP/1.1", "HTTP/2"])
def test_a_request_reaches_the_api_and_its_answer_the_client(edge: Edge, versions: dict[str, bool]) -> None:
    with edge.client(**versions) as client:
        made = client.post("/api/v1/notes", json=NOTE)
        assert made.status_code == 201, made.text
        assert client.get(made.headers["Location"]).json()["title"] == "Edge"


def test_who_comes_without_encryption_is_led_to_the_same_place_with_it(edge: Edge) -> None:
    answer = httpx2.post(f"http://{NAME}:{edge.plain_port}/api/v1/notes?limit=1", json=NOTE, trust_env=False)
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"https://{NAME}:{edge.port}/api/v1/notes?limit=1"


def test_browsers_are_told_to_come_encrypted_by_a_name_of_the_product_only(edge: Edge) -> None:
    with edge.client() as client:
        told = client.get("/healthz", headers={"Host": "api.example.com"}).headers
        assert told["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_what_is_for_those_inside_is_not_there(edge: Edge) -> None:
    with edge.client() as client:
        assert client.get("/metrics").status_code == 404
        # Of the proxy itself.
        assert client.get("/edge").status_code == 404


def test_the_api_refuses_a_body_that_is_too_large_and_takes_a_large_one(edge: Edge) -> None:
    with edge.client() as client:
        assert client.post("/api/v1/notes", json=NOTE | {"text": "x" * 1_000_000}).status_code == 422
    # No more of it than the proxy keeps, so the answer finds nobody who is still sending.
    head = "POST /api/v1/notes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000000"
    plain = socket.create_connection(("127.0.0.1", edge.port), timeout=15)
    with plain, edge.trust.wrap_socket(plain, server_hostname=NAME) as client:
        client.sendall(f"{head}\r\n\r\n{'x' * 17_000}".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=lambda version: version.name)
def test_old_versions_of_tls_are_refused(edge: Edge, version: ssl.TLSVersion) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        old.minimum_version = old.maximum_version = version
    with socket.create_connection(("127.0.0.1", edge.port)) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: 4\r\n X: folded\r\n",
        "X\0Y: 1\r\n",
    ],
)
def test_a_request_of_two_meanings_is_taken_for_no_two_requests(edge: Edge, head: str) -> None:
    """The second request must not be answered: whoever shares the connection to the API would get its answer."""
    hidden = "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sent = f"POST /api/v1/notes HTTP/1.1\r\nHost: localhost\r\n{head}\r\n0\r\n\r\n{hidden}"
    plain = socket.create_connection(("127.0.0.1", edge.port), timeout=15)
    with plain, edge.trust.wrap_socket(plain, server_hostname=NAME) as client:
        client.sendall(sent.encode("latin-1"))
        answers = b""
        while got := client.recv(65536):
            answers += got
            if b'"version"' in answers:
                break
    assert re.findall(rb"HTTP/1\.1 (\d)", answers)[:1] != [b"2"]
    assert b'"version"' not in answers


def test_the_log_has_a_line_of_json_with_the_client_and_without_the_query(edge: Edge) -> None:
    with edge.client() as client:
        request_id = client.get("/api/v1/notes?limit=7").headers["X-Request-ID"]
    line = eventually(lambda: next((line for line in edge.logged().splitlines() if request_id in line), None))
    entry = json.loads(line)
    assert entry["client"] == "127.0.0.1"
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/api/v1/notes", 200)
    assert "limit" not in line


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one address of loopback")
def test_the_api_knows_the_client_whatever_it_says_of_itself(edge: Edge, stack: PrivateStack) -> None:
    forged = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host"), "192.0.2.1")
    transport = httpx2.HTTPTransport(verify=edge.trust, local_address="127.0.0.2")
    with edge.client(transport=transport) as client:
        request_id = client.get("/api/v1/notes", headers=forged).headers["X-Request-ID"]
    line = eventually(lambda: next((line for line in stack.log("api").splitlines() if request_id in line), None))
    assert json.loads(line)["client"] == "127.0.0.2"


def test_no_request_fails_while_its_file_is_read_again(edge: Edge) -> None:
    statuses: list[int] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            # A connection of its own each time.
            with edge.client() as client:
                statuses.append(client.get("/version").status_code)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    for _ in range(2):
        before = len(statuses)
        edge.process.send_signal(signal.SIGUSR2)
        eventually(lambda before=before: len(statuses) > before + 50)  # type: ignore[misc] # of this round
    ended.set()
    for thread in asking:
        thread.join()
    assert set(statuses) == {200}


def test_without_the_api_it_says_so_in_the_form_of_the_api(haproxy: str, tmp_path: Path) -> None:
    (nobody,) = unused_ports(1)
    with running(haproxy, tmp_path, f"127.0.0.1:{nobody}", {}) as alone, alone.client(timeout=15) as client:
        answer = client.get("/version")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_client_that_does_not_read_its_answers_is_closed(haproxy: str, stack: PrivateStack, tmp_path: Path) -> None:
    """With a second instead of thirty."""
    shorter = changed(tmp_path, "timeout client 30s", "timeout client 1s")
    with (
        running(haproxy, tmp_path, stack.url.removeprefix("http://"), {}, shorter) as proxy,
        socket.socket() as plain,
    ):
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(15)
        plain.connect(("127.0.0.1", proxy.port))
        with proxy.trust.wrap_socket(plain, server_hostname=NAME) as client:
            client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 400)
            # Closed by the client's side: it waited for the client to take more.
            eventually(lambda: '"ended":"c' in proxy.logged(), seconds=15)


def test_the_stack_behind_it_still_works(edge: Edge, stack: PrivateStack) -> None:
    stack.check()
    assert edge.process.poll() is None
