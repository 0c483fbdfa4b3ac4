"""MongoDB unpacks nothing for a stranger: versions before 6.0.27 answer it with pieces of their memory."""

import re
import socket
import struct
import zlib
from typing import Any

import pytest
from pymongo import MongoClient

from testing.servers import Servers

OP_COMPRESSED, OP_MSG = 2012, 2013
ZLIB = 2
# A document that ends too early; the parser reads on, into what lay in memory before.
CUT_OFF = b"\x08a\x00\x01"


@pytest.fixture
def port(servers: Servers) -> int:
    return int(servers.environ["MONGO_PORT"])


def answer_to(port: int, size: int) -> bytes:
    """What a stranger is told who claims `size` bytes and sends twenty; b"" when the connection is closed."""
    body = struct.pack("<I", 0) + b"\x00" + struct.pack("<i", size) + CUT_OFF
    payload = struct.pack("<iiB", OP_MSG, size + 500, ZLIB) + zlib.compress(body)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(struct.pack("<iiii", 16 + len(payload), 1, 0, OP_COMPRESSED) + payload)
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
                if len(answer) >= struct.unpack("<i", answer[:4])[0]:
                    break
        except ConnectionResetError:
            return b""
    compressed = answer and struct.unpack("<i", answer[12:16])[0] == OP_COMPRESSED
    return zlib.decompress(answer[25:]) if compressed else answer[16:]


def test_no_answer_holds_what_was_never_sent(port: int) -> None:
    answers = [answer_to(port, size) for size in range(200, 8000, 111)]
    leaked = {name for answer in answers for name in re.findall(rb"field name '([^']*)'", answer)}
    assert leaked == set()
    assert answers == [b""] * len(answers)


def test_no_compression_is_offered(port: int) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=5000
    )
    with client:
        assert "compression" not in client.admin.command("hello", compression=["zlib", "snappy", "zstd"])
