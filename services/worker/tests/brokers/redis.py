"""What tests do with Valkey itself: put into its list what is not ours, and let it deliver again soon."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from common.config import Settings
from common.queue.broker import address_of
from testing.plugins.queue import new_environ
from testing.servers import Servers

from .hostile import BAD_BODIES, BAD_HEADERS, HEADERS, LARGE, MARK, PICKLE, body, nested


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


# Items of the queue's list on Valkey: bytes as they are, all else as JSON.
HOSTILE: dict[str, Any] = {
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
# One of them, and the reason that the worker logs for it.
FLOOD, REASON = b"rubbish", "envelope"


@contextmanager
def opened(settings: Settings) -> Iterator[Callable[[Any], None]]:
    """What puts one of them into the queue."""
    name = f"{settings.project}:{settings.project}.jobs"
    with redis.Redis.from_url(address_of(settings)) as client:
        yield lambda item: client.lpush(name, item if isinstance(item, bytes) else json.dumps(item))


@contextmanager
def short_hold(servers: Servers, _folder: Path, limit: int) -> Iterator[dict[str, str]]:
    """Settings of a worker whose driver has a message delivered again that is held for longer."""
    yield {**new_environ(servers, "redis"), "VISIBILITY_TIMEOUT": str(limit)}
