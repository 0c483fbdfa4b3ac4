"""`python generator.py HOST PORT [options]`: the same request again and again, as fast as it is answered or at a rate.

The request is on standard input. Each connection is kept, and sends its next request when it has the whole answer. It
prints one line of JSON: the answers, the seconds, the milliseconds that half and 99 % of them took at most, and which
part of a core this program itself used, which tells whether it, and not the server, was the limit.

The standard library and one loop: what measures must be faster than what it measures.
"""

import argparse
import json
import math
import selectors
import socket
import sys
import time
from dataclasses import dataclass

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class AnswerError(Exception):
    """An answer was not the one that was asked for."""


class Connection:
    """One connection, and what it has received of the answer that it waits for."""

    def __init__(self, host: str, port: int, status: bytes) -> None:
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.status = status
        self.received = b""
        self.sent = 0.0

    def send(self, request: bytes) -> None:
        """Send a request, which is small enough to leave at once."""
        self.received, self.sent = b"", time.perf_counter()
        self.socket.sendall(request)

    def has_answer(self) -> bool:
        """Take what has arrived and return whether the answer is whole. Raises AnswerError when it is another one."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise AnswerError(f"the connection was closed after {self.received[:200]!r}")
        self.received = self.received + part if self.received else part
        end = self.received.find(_END)
        return end >= 0 and len(self.received) >= end + len(_END) + length_of(self.received[:end], self.status)


def length_of(head: bytes, status: bytes) -> int:
    """Return the length that the head of an answer names. Raises AnswerError for another status, and without one."""
    begin = head.lower().find(_LENGTH)
    if not head.startswith(status) or begin < 0:
        raise AnswerError(f"an answer begins with {head[:300]!r}")
    begin += len(_LENGTH)
    end = head.find(b"\r", begin)
    return int(head[begin : end if end >= 0 else len(head)])


@dataclass(frozen=True)
class Plan:
    """What is sent: on how many connections, for how many seconds or how often, and how often each second at most."""

    connections: int
    status: int
    seconds: float
    count: float
    rate: float


def run(host: str, port: int, plan: Plan, request: bytes) -> dict[str, float]:
    """Send, and return what is printed. Raises AnswerError, and OSError for a server that is away."""
    status = f"HTTP/1.1 {plan.status}".encode()
    idle = [Connection(host, port, status) for _ in range(plan.connections)]
    took: list[float] = []
    sent = 0
    with selectors.DefaultSelector() as selector:
        for each in idle:
            selector.register(each.socket, selectors.EVENT_READ, each)
        began, computed = time.perf_counter(), time.process_time()
        ends_at, due = began + plan.seconds, began
        while (now := time.perf_counter()) < ends_at and len(took) < plan.count:
            while idle and sent < plan.count and now >= due:
                idle.pop().send(request)
                sent += 1
                due += 1 / plan.rate
            pause = ends_at - now if not idle or sent >= plan.count else min(ends_at, due) - now
            for key, _ in selector.select(None if math.isinf(pause) else max(pause, 0)):
                connection: Connection = key.data
                if connection.has_answer():
                    took.append(time.perf_counter() - connection.sent)
                    idle.append(connection)
        spent, busy = now - began, time.process_time() - computed
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    if not took:
        raise AnswerError(f"nothing was answered within {plan.seconds} s")
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
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--status", type=int, default=200)
    # Without a number, without an end.
    for name in ("--seconds", "--count", "--rate"):
        parser.add_argument(name, type=float, default=math.inf)
    given = parser.parse_args(arguments)
    plan = Plan(given.connections, given.status, given.seconds, given.count, given.rate)
    try:
        print(json.dumps(run(given.host, given.port, plan, sys.stdin.buffer.read())))
    except (AnswerError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
