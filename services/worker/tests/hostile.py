"""What may stand in the queue without being a message of ours, for each broker; none of it may stop anything."""

import base64
import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import amqp
import redis
from kombu import Connection

from common.config import Settings

# Whatever is logged must not tell it.
MARK = "do-not-log-me"
NAME = "slow.work"
LARGE = 5_000_000
EMBED: dict[str, Any] = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
TOUCH = {"task": "slow.hint", "args": [], "kwargs": {"number": 666, "at": "2026-01-01T00:00:00Z"}, "options": {}}


def body(arguments: Any = (), keywords: Any = None, **embed: Any) -> str:
    """The body of a message: what it carries, and what is to happen afterwards."""
    return json.dumps([list(arguments), {"id": MARK} if keywords is None else keywords, {**EMBED, **embed}])


def nested(depth: int) -> str:
    """A list in a list in a list ..."""
    return "[" * depth + "]" * depth


HEADERS: dict[str, Any] = {
    "lang": "py",
    "task": NAME,
    "id": "hostile",
    "retries": 0,
    "timelimit": [None, None],
    "expires": None,
    "eta": None,
}
# Headers that are not ours, on both brokers.
BAD_HEADERS: dict[str, dict[str, Any]] = {
    "no headers": {},
    "unknown task": {**HEADERS, "task": f"os.system {MARK}"},
    "task of celery": {**HEADERS, "task": "celery.chord_unlock"},
    "task list": {**HEADERS, "task": [NAME]},
    "task table": {**HEADERS, "task": {"name": NAME}},
    "task number": {**HEADERS, "task": 7},
    "other language": {**HEADERS, "lang": "js"},
    "no id": {name: value for name, value in HEADERS.items() if name != "id"},
    "id table": {**HEADERS, "id": {"$ne": 1}},
    "long id": {**HEADERS, "id": "x" * 5000},
    "eta nonsense": {**HEADERS, "eta": "nonsense"},
    "eta number": {**HEADERS, "eta": 5},
    "eta far": {**HEADERS, "eta": "2099-01-01T00:00:00Z"},
    "expires nonsense": {**HEADERS, "expires": "nonsense"},
    "expires number": {**HEADERS, "expires": 12345},
    "expires table": {**HEADERS, "expires": {"a": 1}},
    "timelimit text": {**HEADERS, "timelimit": "x"},
    "timelimit short": {**HEADERS, "timelimit": [0.001, 0.001]},
    "timelimit one": {**HEADERS, "timelimit": [None]},
    "retries text": {**HEADERS, "retries": "many"},
    "retries many": {**HEADERS, "retries": 99},
    "group": {**HEADERS, "group": "g", "group_index": 0},
    "shadow": {**HEADERS, "shadow": [MARK]},
    "stamps": {**HEADERS, "stamped_headers": 7, "stamps": "x"},
    "ignore_result false": {**HEADERS, "ignore_result": False},
    "request id table": {**HEADERS, "request_id": {"a": [1]}},
    "request id lines": {**HEADERS, "request_id": f"a\n2026 CRITICAL {MARK}"},
    "compression": {**HEADERS, "compression": "application/x-gzip"},
    "compression table": {**HEADERS, "compression": {"a": 1}},
}
# Bodies that are not ours, on both brokers.
BAD_BODIES: dict[str, str] = {
    "empty body": "",
    "body number": "5",
    "body null": "null",
    "body text": json.dumps(MARK),
    "body table": json.dumps({"task": NAME, "args": [], "kwargs": {"id": MARK}}),
    "body short": "[[]]",
    "body long": json.dumps([[], {}, {}, {}]),
    "body no json": f"{{{MARK}",
    "arguments": body(["x"]),
    "keywords list": body((), ["id"]),
    "id object": body((), {"id": {"$ne": 1}}),
    "no keywords": body((), {}),
    "more keywords": body((), {"id": "x", "more": MARK}),
    "huge number": f'[[], {{"id": {"9" * 6000}}}, {{}}]',
    "not a number": '[[], {"id": NaN}, {}]',
    "deep": f'[[], {{"id": {nested(20000)}}}, {{}}]',
    "rather deep": f'[[], {{"id": {nested(700)}}}, {{}}]',
    "other types": body((), {"id": {"__type__": "uuid", "__value__": MARK}}),
    "callback": body((), {"id": "x"}, callbacks=[TOUCH]),
    "errback": body((), {"id": "x"}, errbacks=[TOUCH]),
    "chain": body((), {"id": "x"}, chain=[TOUCH]),
    "chord": body((), {"id": "x"}, chord={"task": "slow.hint"}),
    "embed list": json.dumps([[], {"id": "x"}, [1]]),
    "large": json.dumps([[], {"id": "x" * 900_000}, EMBED]),
}


def _payload(text: str = body(), /, **changes: Any) -> dict[str, Any]:
    return {
        "body": base64.b64encode(text.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": HEADERS,
        "properties": {
            "correlation_id": "hostile",
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "queue"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": "tag",
        },
        **changes,
    }


def _without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in _payload().items() if name not in names}


def _properties(**changes: Any) -> dict[str, Any]:
    properties = {**_payload()["properties"], **changes}
    return _payload(properties={name: value for name, value in properties.items() if value is not ...})


PICKLE = base64.b64encode(f"cos\nsystem\n(S'touch {MARK}'\ntR.".encode()).decode()
# Items of the queue's list on Valkey: bytes as they are, all else as JSON.
ITEMS: dict[str, Any] = {
    **{name: _payload(headers=headers) for name, headers in BAD_HEADERS.items()},
    **{name: _payload(text) for name, text in BAD_BODIES.items()},
    "no json": b"\xff\xfe garbage",
    "empty": b"",
    "list": [1, 2],
    "null": None,
    "number": 5,
    "text": MARK,
    "deep json": nested(20000).encode(),
    "huge json number": b"9" * 6000,
    "lone surrogate": b'{"body": "\\ud800"}',
    "other type": {"__type__": "uuid", "__value__": MARK},
    "only a body": {"body": MARK},
    "no properties": _without("properties"),
    "no body": _without("body"),
    "no content type": _without("content-type"),
    "no content encoding": _without("content-encoding"),
    "no headers at all": _without("headers"),
    "headers list": _payload(headers=[1]),
    "headers text": _payload(headers=MARK),
    "headers deep": json.dumps(_payload(headers={"x": "DEEP"})).replace('"DEEP"', nested(700)).encode(),
    "properties list": _payload(properties=[1]),
    "bad base64": _payload(body="%%%"),
    "body not a text": _payload(body=7),
    "pickle": _payload(body=PICKLE, **{"content-type": "application/x-python-serialize", "content-encoding": "binary"}),
    "yaml": _payload(**{"content-type": "application/x-yaml"}),
    "unknown encoding": _payload(**{"content-encoding": "rot13"}),
    "encoding list": _payload(**{"content-encoding": [1]}),
    "five megabytes": _payload(body="A" * LARGE),
    "delivery tag missing": _properties(delivery_tag=...),
    "delivery tag table": _properties(delivery_tag={"a": 1}),
    "delivery info missing": _properties(delivery_info=...),
    "delivery info list": _properties(delivery_info=[1]),
    "routing key table": _properties(delivery_info={"exchange": "", "routing_key": {"a": 1}}),
    "unknown body encoding": _properties(body_encoding="zip"),
    "priority text": _properties(priority="high"),
}


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
MESSAGES: dict[str, amqp.Message] = {
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


@contextmanager
def opened(settings: Settings) -> Iterator[Callable[[Any], None]]:
    """What puts one of them into the queue."""
    queue = f"{settings.project}.jobs"
    if settings.broker == "redis":
        with redis.Redis.from_url(settings.broker_address) as client:
            name = f"{settings.project}:{queue}"
            yield lambda item: client.lpush(name, item if isinstance(item, bytes) else json.dumps(item))
    else:
        with Connection(settings.broker_address) as connection:
            channel = connection.channel()
            assert isinstance(channel, amqp.Channel)
            yield lambda message: channel.basic_publish(message, exchange="", routing_key=queue)
