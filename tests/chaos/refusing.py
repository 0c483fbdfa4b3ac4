"""Makes a broker refuse messages while it is up: no memory is left, by its own account."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.terminal import CommandError

from .stack import Stack

CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


@contextmanager
def refuse(stack: Stack) -> Iterator[None]:
    """The broker takes no message for the time of a block."""
    limit = _limit_redis if stack.broker == "redis" else _limit_rabbitmq
    limit(stack, refuse=True)
    try:
        yield
    finally:
        limit(stack, refuse=False)


def _limit_redis(stack: Stack, *, refuse: bool) -> None:
    lines = f"AUTH {stack.settings['REDIS_PASSWORD']}\r\nCONFIG SET maxmemory {int(refuse)}\r\nQUIT\r\n"
    with socket.create_connection(("127.0.0.1", stack.broker_port), timeout=10) as connection:
        connection.sendall(lines.encode())
        answer = b""
        while part := connection.recv(4096):
            answer += part
    if answer != b"+OK\r\n" * 3:
        raise CommandError(f"Valkey did not take its limit: {answer!r}")


def _limit_rabbitmq(stack: Stack, *, refuse: bool) -> None:
    """Of zero memory, all is used. The node's own environment tells how it is reached."""
    raw = Path(f"/proc/{stack.pid('rabbitmq')}/environ").read_bytes().decode()
    environ = dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)
    command = [CONTROL, "--node", "rabbit@localhost", "set_vm_memory_high_watermark", "0" if refuse else "0.3"]
    done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"RabbitMQ did not take its limit: {done.stderr or done.stdout}")
