"""Say something to a server and print what it answers, in hexadecimal; runs in a container too.

Arguments: host, port, what is said, in hexadecimal, and for TLS the authority in PEM.
"""

import socket
import ssl
import sys
from contextlib import ExitStack, suppress


def answer(host: str, port: int, said: bytes, authority: str = "") -> bytes:
    """Return the first part of an answer; nothing when the connection is closed instead, or stays silent."""
    with ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection((host, port), timeout=3))
        if authority:
            context = ssl.create_default_context(cadata=authority)
            connection = stack.enter_context(context.wrap_socket(connection, server_hostname=host))
        with suppress(OSError):
            connection.sendall(said)
            return connection.recv(4096)
    return b""


if __name__ == "__main__":
    print(answer(sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3]), *sys.argv[4:]).hex())
