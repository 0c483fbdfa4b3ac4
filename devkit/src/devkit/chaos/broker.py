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

from devkit.terminal import CommandError

from .stack import Stack

_CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
# Seconds a message may be held where that is short; RabbitMQ looks for those that are held too long at each tick.
HELD = 2.0
_SHORT = {"consumer_timeout": int(1000 * HELD), "channel_tick_interval": 500}
_USUAL = {"consumer_timeout": 1_800_000, "channel_tick_interval": 60_000}


def waiting(stack: Stack) -> int:
    """How many messages nobody has fetched.

    What a connection that died had fetched is not among them. RabbitMQ gives that back at once, Valkey after
    `TASK_TIME_LIMIT` and a minute; then it rings for jobs that were long rung for by others.
    """
    project = stack.settings["PROJECT"]
    if stack.broker == "redis":
        with connected(stack) as redis:
            return int(redis.llen(f"{project}:{project}.jobs"))
    with Connection(address(stack)) as connection:
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


def address(stack: Stack) -> str:
    """Where RabbitMQ is, and for whom."""
    settings = stack.settings
    user, password = settings["RABBITMQ_USER"], quote(settings["RABBITMQ_PASSWORD"], safe="")
    return f"amqp://{user}:{password}@127.0.0.1:{stack.broker_port}/{settings['PROJECT']}"


def connected(stack: Stack) -> Redis:
    """A connection to Valkey."""
    return Redis(port=stack.broker_port, password=stack.settings["REDIS_PASSWORD"], socket_timeout=10)


def _limit_redis(stack: Stack, *, refuse: bool) -> None:
    with connected(stack) as redis:
        # One byte; 0 is no limit.
        redis.config_set("maxmemory", int(refuse))


def _limit_rabbitmq(stack: Stack, *, refuse: bool) -> None:
    """Of zero memory all is used."""
    _control(stack, "set_vm_memory_high_watermark", "0" if refuse else "0.3")


def limit_holding(stack: Stack, *, short: bool) -> None:
    """Has RabbitMQ close the channel of whoever holds a message too long, after two seconds or its usual half hour.

    It holds for the channels that are opened from then on. A worker on Valkey has a setting for that.
    """
    if stack.broker == "rabbitmq":
        for name, value in (_SHORT if short else _USUAL).items():
            _control(stack, "eval", f"application:set_env(rabbit, {name}, {value}).")


def _control(stack: Stack, *arguments: str) -> None:
    """The node's own environment tells how it is reached."""
    raw = Path(f"/proc/{stack.pid('rabbitmq')}/environ").read_bytes().decode()
    environ = dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)
    command = [_CONTROL, "--node", "rabbit@localhost", *arguments]
    done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"RabbitMQ did not take its limit: {done.stderr or done.stdout}")
