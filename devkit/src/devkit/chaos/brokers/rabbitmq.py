"""RabbitMQ under test."""

import os
import subprocess
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import amqp
import psutil
from kombu import Connection

from devkit.chaos.broker import HOLD_LIMIT, BrokerHarness, Message
from devkit.terminal import CommandError

_CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
# It looks for messages that are held too long at each tick.
_SHORT = {"consumer_timeout": int(1000 * HOLD_LIMIT), "channel_tick_interval": 500}
_USUAL = {"consumer_timeout": 1_800_000, "channel_tick_interval": 60_000}


class RabbitMQHarness(BrokerHarness):
    """Does it with messages, and with `rabbitmqctl`."""

    def messages_left(self) -> int:
        """Return the length of the queue; what a lost connection had fetched is back in it at once."""
        with Connection(self._url) as connection:
            # celery-types does not know the channel of this transport.
            channel: Any = connection.default_channel
            return int(channel.queue_declare(self._queue, passive=True).message_count)

    def _limit_memory(self, *, none_left: bool) -> None:
        self._control("set_vm_memory_high_watermark", "0" if none_left else "0.3")

    def limit_holding(self, *, short: bool) -> None:
        """Let it close a channel that holds a message for two seconds, or for its usual half an hour."""
        for name, value in (_SHORT if short else _USUAL).items():
            self._control("eval", f"application:set_env(rabbit, {name}, {value}).")

    def publish(self, messages: Sequence[Message]) -> None:
        """Send them by the driver itself."""
        with Connection(self._url) as connection:
            channel: Any = connection.channel()
            for body, headers, properties in messages:
                usual = {"content_type": "application/json", "content_encoding": "utf-8"}
                message = amqp.Message(body, application_headers=headers, **{**usual, **properties})
                channel.basic_publish(message, exchange="", routing_key=self._queue)

    @property
    def _url(self) -> str:
        settings = self._stack.settings
        user, password = settings["RABBITMQ_USER"], quote(settings["RABBITMQ_PASSWORD"], safe="")
        return f"amqp://{user}:{password}@127.0.0.1:{self._stack.broker_port}/{self._project}"

    def _control(self, *arguments: str) -> None:
        """Run rabbitmqctl. The environment of the node itself says how to reach it."""
        node = psutil.Process(self._stack.processes["rabbitmq"].pid).environ()
        command = [_CONTROL, "--node", "rabbit@localhost", *arguments]
        done = subprocess.run(command, env={**os.environ, **node}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CommandError(f"rabbitmqctl {arguments[0]} failed: {done.stderr or done.stdout}")


HARNESS = RabbitMQHarness
