"""What tests do with RabbitMQ itself: send it what is not ours, and have it close channels that hold messages."""

import base64
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import amqp
from kombu import Connection

from common.config import Settings
from common.queue.broker import address_of
from testing.plugins.queue import new_environ
from testing.servers import Servers

from .hostile import BAD_BODIES, BAD_HEADERS, HEADERS, MARK, PICKLE, body

CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


class _Raw(amqp.Message):
    """A message whose properties are these bytes."""

    def __init__(self, properties: bytes) -> None:
        super().__init__(body())
        self._raw = properties

    def _serialize_properties(self) -> bytes:
        return self._raw


def _table(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _deep_table(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = b"\x01aF" + _table(inner)
    return _table(inner)


def _message(text: str | bytes = body(), headers: Any = None, **properties: Any) -> amqp.Message:
    usual = {"content_type": "application/json", "content_encoding": "utf-8"}
    text = text.encode() if isinstance(text, str) else text
    return amqp.Message(text, application_headers=HEADERS if headers is None else headers, **{**usual, **properties})


# Messages on RabbitMQ.
HOSTILE: dict[str, amqp.Message] = {
    **{name: _message(headers=headers) for name, headers in BAD_HEADERS.items()},
    **{name: _message(text) for name, text in BAD_BODIES.items()},
    "nothing": amqp.Message(b""),
    "no properties": amqp.Message(body()),
    "plain text": _message(MARK, content_type="text/plain"),
    "pickle": _message(
        base64.b64decode(PICKLE), content_type="application/x-python-serialize", content_encoding="binary"
    ),
    "yaml": _message(content_type="application/x-yaml"),
    "unknown type": _message(content_type="application/x-unknown"),
    "unknown encoding": _message(content_encoding="nonsense"),
    "slow encoding": _message("x" * 30_000, content_encoding="idna"),
    "no utf-8": _message(b"\xff\xfe\xfd"),
    "reply to": _message(reply_to=MARK),
    "persistent priority": _message(priority=9, delivery_mode=2),
    "properties no utf-8": _Raw(struct.pack(">H", 0x8000) + b"\x02\xff\xfe"),
    "timestamp far": _Raw(struct.pack(">H", 0x2000) + _table(b"\x01aT" + b"\x7f" * 8)),
    "table deep": _Raw(struct.pack(">H", 0x2000) + _deep_table(3000)),
}
# One of them, and the reason that the worker logs for it.
FLOOD, REASON = HOSTILE["plain text"], "content type"


@contextmanager
def opened(settings: Settings) -> Iterator[Callable[[Any], None]]:
    """What puts one of them into the queue."""
    queue = f"{settings.project}.jobs"
    with Connection(address_of(settings)) as connection:
        channel = connection.channel()
        assert isinstance(channel, amqp.Channel)
        yield lambda message: channel.basic_publish(message, exchange="", routing_key=queue)


@contextmanager
def short_hold(servers: Servers, folder: Path, limit: int) -> Iterator[dict[str, str]]:
    """Settings that lead to a node of the test's own, which closes a channel that holds a message for longer."""
    shared = new_environ(servers, "rabbitmq")
    with Servers(folder / "own") as own:
        own.up("rabbitmq")
        _shorten(own.pid("rabbitmq"), limit)
        address = address_of(Settings.load({**own.environ, "BROKER": "rabbitmq"}, env_files=()))
        yield {**shared, "BROKER_URL": address}


def _shorten(pid: int, limit: int) -> None:
    raw = Path(f"/proc/{pid}/environ").read_bytes().decode()
    node = dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)
    # Milliseconds; the node looks for messages that are held too long at each tick. Each start of the command costs a
    # second of the processor's time, so one says both.
    wanted = {"consumer_timeout": 1000 * limit, "channel_tick_interval": 500}
    said = ", ".join(f"application:set_env(rabbit, {name}, {value})" for name, value in wanted.items())
    command = [CONTROL, "--node", "rabbit@localhost", "eval", f"{said}."]
    done = subprocess.run(command, env={**os.environ, **node}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
