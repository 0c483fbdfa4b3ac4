"""`python -m web.probe [PORT]`: exit code 0 while the API in this container serves; for its health check.

Asks liveness and not readiness: a database that is away is no fault of this container. /readyz is for load balancers.

Only plain sockets, for it is started anew every few seconds.
"""

import socket
import sys


def lives(port: int) -> bool:
    """Return whether `/healthz` at a port of this machine answers 200 within four seconds."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=4) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not lives(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
