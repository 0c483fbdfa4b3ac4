"""`python -m api.probe`: exit code 0 when the API in this container can serve requests; for its health check.

Only plain sockets, for it is started anew every few seconds.
"""

import os
import socket
import sys


def ready(port: int) -> bool:
    """Whether `/readyz` at a port of this machine answers 200 within five seconds."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not ready(int(os.environ.get("GRANIAN_PORT", "8000"))))
