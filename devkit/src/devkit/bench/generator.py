"""`python generator.py HOST PORT CONNECTIONS SECONDS`: the same request again and again, as fast as it is answered.

The request is on standard input. Each connection is kept, and sends the next request when it has the whole answer. It
prints one line of JSON: the answers, the seconds, the milliseconds that half and 99 % of them took at most, and which
part of a core this program itself used, which tells whether it, and not the server, was the limit.

The standard library and one loop: what measures must be faster than what it measures.
"""

import json
import selectors
import socket
import sys
import time

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class AnswerError(Exception):
    """An answer was not the one that was asked for."""


class Connection:
    """One connection, and what it has received of the answer that it waits for."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent = 0.0

    def send(self, request: bytes) -> None:
        """Send a request, which is small enough to leave at once."""
        self.received, self.sent = b"", time.perf_counter()
        self.socket.sendall(request)

    def has_answer(self) -> bool:
        """Take what has arrived and return whether the answer is whole. Raises AnswerError when it is no 200."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise AnswerError(f"the connection was closed after {self.received[:200]!r}")
        self.received = self.received + part if self.received else part
        end = self.received.find(_END)
        return end >= 0 and len(self.received) >= end + len(_END) + length_of(self.received[:end])


def length_of(head: bytes) -> int:
    """Return the length that the head of an answer names. Raises AnswerError when it is no 200, or names none."""
    begin = head.lower().find(_LENGTH)
    if not head.startswith(b"HTTP/1.1 200") or begin < 0:
        raise AnswerError(f"an answer begins with {head[:300]!r}")
    begin += len(_LENGTH)
    end = head.find(b"\r", begin)
    return int(head[begin : end if end >= 0 else len(head)])


def run(host: str, port: int, connections: int, seconds: float, request: bytes) -> dict[str, float]:
    """Send for some seconds, and return what is printed. Raises AnswerError, and OSError for a server that is away."""
    opened = [Connection(host, port) for _ in range(connections)]
    took: list[float] = []
    with selectors.DefaultSelector() as selector:
        for each in opened:
            selector.register(each.socket, selectors.EVENT_READ, each)
        began, computed = time.perf_counter(), time.process_time()
        ends_at = now = began + seconds
        for each in opened:
            each.send(request)
        while (now := time.perf_counter()) < ends_at:
            for key, _ in selector.select(ends_at - now):
                connection: Connection = key.data
                if connection.has_answer():
                    took.append(time.perf_counter() - connection.sent)
                    connection.send(request)
        spent, busy = now - began, time.process_time() - computed
    for each in opened:
        each.socket.close()
    if not took:
        raise AnswerError(f"nothing was answered within {seconds} s")
    took.sort()
    return {
        "answers": len(took),
        "seconds": spent,
        "p50": 1000 * took[len(took) // 2],
        "p99": 1000 * took[len(took) * 99 // 100],
        "busy": busy / spent,
    }


def main(arguments: list[str]) -> int:
    """Run and print, and return the exit code."""
    host, port, connections, seconds = arguments
    try:
        print(json.dumps(run(host, int(port), int(connections), float(seconds), sys.stdin.buffer.read())))
    except (AnswerError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
