"""What the harness does with a broker itself: count the messages that are left in it, and make it refuse new ones."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kombu import Connection
from redis import Redis

from tools.terminal import CommandError

from .stack import Stack

_CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


def waiting(stack: Stack) -> int:
    """How many messages nobody has fetched.

    What a connection that died had fetched is not among them. RabbitMQ gives that back at once, Valkey after
    `TASK_TIME_LIMIT` and a minute; then it rings for jobs that were long rung for by others.
    """
    project = stack.settings["PROJECT"]
    if stack.broker == "redis":
        with _redis(stack) as redis:
            return int(redis.llen(f"{project}:{project}.jobs"))
    user, password = stack.settings["RABBITMQ_USER"], stack.settings["RABBITMQ_PASSWORD"]
    address = f"amqp://{user}:{quote(password, safe='')}@127.0.0.1:{stack.broker_port}/{project}"
    with Connection(address) as connection:
        # celery-types does not know the channel of this transport.
        channel: Any = connection.default_channel
        return int(channel.queue_declare(f"{project}.jobs", passive=True).message_count)


@contextmanager
def refusing(stack: Stack) -> Iterator[None]:
    """The broker takes no message for the time of a block: by its own account its memory is full."""
    limit = _limit_redis if stack.broker == "redis" else _limit_rabbitmq
    limit(stack, refuse=True)
    try:
        yield
    finally:
        limit(stack, refuse=False)


def _redis(stack: Stack) -> Redis:
    return Redis(port=stack.broker_port, password=stack.settings["REDIS_PASSWORD"], socket_timeout=10)


def _limit_redis(stack: Stack, *, refuse: bool) -> None:
    with _redis(stack) as redis:
        # One byte; 0 is no limit.
        redis.config_set("maxmemory", int(refuse))


def _limit_rabbitmq(stack: Stack, *, refuse: bool) -> None:
    """Of zero memory all is used. The node's own environment tells how it is reached."""
    raw = Path(f"/proc/{stack.pid('rabbitmq')}/environ").read_bytes().decode()
    environ = dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)
    command = [_CONTROL, "--node", "rabbit@localhost", "set_vm_memory_high_watermark", "0" if refuse else "0.3"]
    done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"RabbitMQ did not take its limit: {done.stderr or done.stdout}")
