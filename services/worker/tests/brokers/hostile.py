"""What may stand in the queue without being a message of ours, on every broker; none of it may stop anything."""

import base64
import json
from typing import Any

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
# Headers that are not ours, on all brokers.
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
# Bodies that are not ours, on all brokers.
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
PICKLE = base64.b64encode(f"cos\nsystem\n(S'touch {MARK}'\ntR.".encode()).decode()
