"""What the harness does with a broker itself: count the messages that are left, make it refuse new ones."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psutil
from kombu import Connection
from redis import Redis

from devkit.terminal import CommandError

from .stack import Stack

_CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
# Seconds a message may be held with a short limit; RabbitMQ looks for messages that are held too long at each tick.
HOLD_LIMIT = 2.0
_SHORT = {"consumer_timeout": int(1000 * HOLD_LIMIT), "channel_tick_interval": 500}
_USUAL = {"consumer_timeout": 1_800_000, "channel_tick_interval": 60_000}


def messages_left(stack: Stack) -> int:
    """Return how many messages no worker has fetched.

    Messages that a lost connection had fetched are not among them. RabbitMQ returns these at once, Valkey after
    `TASK_TIME_LIMIT` and a minute; by then other notifications have led to the same jobs.
    """
    project = stack.settings["PROJECT"]
    if stack.broker == "redis":
        with redis_client(stack) as redis:
            return int(redis.llen(f"{project}:{project}.jobs"))
    with Connection(amqp_url(stack)) as connection:
        # celery-types does not know the channel of this transport.
        channel: Any = connection.default_channel
        return int(channel.queue_declare(f"{project}.jobs", passive=True).message_count)


@contextmanager
def refusing(stack: Stack) -> Iterator[None]:
    """Make the broker accept no message for the time of a block: its memory limit is exceeded."""
    _limit_memory(stack, none_left=True)
    try:
        yield
    finally:
        _limit_memory(stack, none_left=False)


def amqp_url(stack: Stack) -> str:
    """Return the address of RabbitMQ with its account."""
    settings = stack.settings
    user, password = settings["RABBITMQ_USER"], quote(settings["RABBITMQ_PASSWORD"], safe="")
    return f"amqp://{user}:{password}@127.0.0.1:{stack.broker_port}/{settings['PROJECT']}"


def redis_client(stack: Stack) -> Redis:
    """Return a client of Valkey."""
    return Redis(port=stack.broker_port, password=stack.settings["REDIS_PASSWORD"], socket_timeout=10)


def limit_holding(stack: Stack, *, short: bool) -> None:
    """Let RabbitMQ close a channel that holds a message for two seconds, or for its usual half an hour.

    The limit holds for channels that are opened afterwards. A worker on Valkey has a setting for that.
    """
    if stack.broker == "rabbitmq":
        for name, value in (_SHORT if short else _USUAL).items():
            _control(stack, "eval", f"application:set_env(rabbit, {name}, {value}).")


def _limit_memory(stack: Stack, *, none_left: bool) -> None:
    if stack.broker == "redis":
        with redis_client(stack) as redis:
            # One byte; 0 is no limit.
            redis.config_set("maxmemory", int(none_left))
    else:
        _control(stack, "set_vm_memory_high_watermark", "0" if none_left else "0.3")


def _control(stack: Stack, *arguments: str) -> None:
    """Run rabbitmqctl. The environment of the node itself says how to reach it."""
    node = psutil.Process(stack.processes["rabbitmq"].pid).environ()
    command = [_CONTROL, "--node", "rabbit@localhost", *arguments]
    done = subprocess.run(command, env={**os.environ, **node}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"rabbitmqctl {arguments[0]} failed: {done.stderr or done.stdout}")
