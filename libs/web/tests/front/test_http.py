"""HTTP/1.1 is all that is spoken, by whatever starts an HTTP server."""

import re
import subprocess
import time

import pytest

from .conftest import Live, Start, status_of

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
UPGRADE = (
    b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
)
# What starts granian or imports it, in any kind of file.
STARTS = re.compile(r"""-m["', ]+granian|(?:from|import) granian|(?:CMD|exec|\[) *["']?granian|(?<!_)GRANIAN_[A-Z]""")


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name: bytes, value: bytes) -> bytes:
    """A header that is indexed nowhere (RFC 7541, 6.2.2)."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def unfinished_bodies(count: int) -> bytes:
    """The frames of a connection that begins as many requests, and ends none (RFC 9113)."""
    fields = [(b":method", b"POST"), (b":path", b"/api/v1/resources"), (b":scheme", b"http")]
    fields += [(b":authority", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"100")]
    block = b"".join(literal(name, value) for name, value in fields)
    streams = range(1, 2 * count, 2)
    return PREFACE + SETTINGS + b"".join(frame(1, 4, each, block) + frame(0, 0, each, b"{") for each in streams)


@pytest.mark.integration
@pytest.mark.parametrize("variables", [{}, {"GRANIAN_HTTP": "2", "GRANIAN_BACKPRESSURE": "1"}], ids=["ours", "theirs"])
def test_unfinished_bodies_over_http_2_stop_nobody(
    start: Start, alone: dict[str, str], variables: dict[str, str]
) -> None:
    live = start(alone, API_THREADS="4", **variables)
    with live.connect() as connection:
        connection.sendall(unfinished_bodies(8))
        time.sleep(0.5)
        connection.settimeout(5)
        # No frame of HTTP/2: the connection is refused.
        assert connection.recv(65536)[:9] in (b"", b"HTTP/1.1 ")
        assert served(live)
    assert served(live)


@pytest.mark.integration
def test_an_upgrade_to_http_2_is_not_taken(start: Start, alone: dict[str, str]) -> None:
    live = start(alone)
    assert live.raw(UPGRADE).startswith(b"HTTP/1.1 200 ")
    assert status_of(live.raw(UPGRADE.replace(b"h2c", b"websocket"))) == 400


def served(live: Live) -> bool:
    return all(status_of(live.get(target)) == 200 for target in ("/version", "/healthz", "/openapi.json"))


def test_whatever_starts_the_http_server_speaks_http1_only(pytestconfig: pytest.Config) -> None:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=True).stdout
    found = set()
    for name in names.rstrip("\0").split("\0"):
        path = pytestconfig.rootpath / name
        if path.is_file() and path.suffix not in {".md", ".txt"} and STARTS.search(path.read_text("utf-8", "replace")):
            found.add(name)
    assert "libs/web/src/web/serve.py" in found
    for name in found - {"libs/web/tests/front/test_http.py"}:
        text = (pytestconfig.rootpath / name).read_text("utf-8")
        assert "http=HTTPModes.http1" in text or '"granian", "--http", "1"' in text, name
