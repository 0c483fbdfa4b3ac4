"""Faults of too much: work that takes long or is large, messages that are none, and a disk that is full."""

import base64
import json
import secrets
import time
from contextlib import suppress
from typing import Any

import amqp
import pymongo
from kombu import Connection
from pymongo.errors import PyMongoError

from common.clients import Clients
from common.config import Settings
from devkit.terminal import CommandError
from domain.report.model import ReportCreate
from domain.report.store import ReportStore

from .broker import HELD, address, connected
from .load import Post
from .place import Place
from .stack import DATABASE, WORKERS

# Reports of a large backlog, and their values: a document of one and a half megabytes each.
_REPORTS, _VALUES = 1000, 100_000
_REFUSED = "is refused and dropped"
_BODY = json.dumps([[], {"id": "x"}, {}])
_HEADERS: dict[str, Any] = {"lang": "py", "task": "report.compute", "id": "x", "retries": 0, "timelimit": [None, None]}
# What is no message of ours: a body, headers and properties.
_MESSAGES: tuple[tuple[bytes, dict[str, Any], dict[str, Any]], ...] = (
    (b"\xff\xfe", {}, {}),
    (_BODY.encode(), {**_HEADERS, "task": "os.system"}, {}),
    (_BODY.encode(), {**_HEADERS, "task": ["report.compute"]}, {}),
    (_BODY.encode(), {**_HEADERS, "eta": "2099-01-01T00:00:00Z"}, {}),
    (_BODY.encode(), {**_HEADERS, "timelimit": "x"}, {}),
    (_BODY.encode(), {**_HEADERS, "expires": 7}, {}),
    (_BODY.encode(), _HEADERS, {"content_type": "application/x-python-serialize"}),
    (_BODY.encode(), _HEADERS, {"content_encoding": "unknown"}),
    (b"[" * 20_000, _HEADERS, {}),
    (b"x" * 900_000, _HEADERS, {}),
    (b"", _HEADERS, {}),
)


def work_long(place: Place) -> None:
    """Reports that take much longer than the broker lets a message be held; all that waits must wait elsewhere."""
    place.bitten(
        lambda: all(place.running(name, title="Long") for name in WORKERS), "the workers had nothing long to do"
    )
    place.wait(3 * HELD)
    if not any(place.running(name, title="Long") for name in WORKERS):
        raise CommandError("The long reports were over too soon.")


def grow_backlog(place: Place) -> None:
    """A thousand large reports are accepted while the broker is silent; so nobody is told of them.

    By the product's own code, but not over HTTP: to read them all would take the API longer than a row may last.
    """
    values = [number / 1000 for number in range(_VALUES)]
    with (
        Clients(Settings.load(place.stack.settings, env_files=())) as clients,
        place.frozen(place.stack.pid(place.stack.broker)),
    ):
        store = ReportStore(clients.database)
        for number in range(_REPORTS):
            place.stack.check()
            post = Post(f"large-{number}", "Chaos", values, sent=time.time(), status=202, url=place.stack.urls[0])
            request = ReportCreate(title=post.title, values=values)
            post.id = store.create(request, idempotency_key=post.key, request_id=post.key)[0].id
            post.answered = time.time()
            place.promised.append(post)


def put_rubbish(place: Place) -> None:
    """What is no message of ours stands in the queue, between those that are; no worker may end or be deaf."""
    before = [place.stack.pid(name) for name in WORKERS]
    logs = [place.stack.folder / f"{name}.log" for name in WORKERS]
    noted = sum(log.read_text(encoding="utf-8").count(_REFUSED) for log in logs)
    for _ in range(3):
        _put_all(place)
        place.wait(1)
    place.bitten(
        lambda: sum(log.read_text(encoding="utf-8").count(_REFUSED) for log in logs) > noted, "nothing was refused"
    )
    if [place.stack.pid(name) for name in WORKERS] != before:
        raise CommandError("A worker ended because of what is no message of ours.")


def fill_disk(place: Place) -> None:
    """The file system of MongoDB's data has no byte left."""
    ballast, keeper = place.stack.folder / "data" / "mongo" / "data" / "ballast", place.stack.keepers["mongo"]
    collection = place.stack.mongo[DATABASE]["ballast"]
    collection.insert_one({})
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    with suppress(PyMongoError), pymongo.timeout(3):
        # MongoDB has set some bytes aside for its journal; these use them up.
        for _ in range(64):
            collection.insert_one({"bytes": secrets.token_bytes(1 << 20)})
    place.bitten(lambda: not keeper.works(), "MongoDB did not notice that its disk is full")
    place.wait(6)
    ballast.unlink()
    keeper.wait(place.stack.check)


def _put_all(place: Place) -> None:
    queue = f"{place.stack.settings['PROJECT']}.jobs"
    if place.stack.broker == "redis":
        with connected(place.stack) as redis:
            name = f"{place.stack.settings['PROJECT']}:{queue}"
            redis.lpush(name, b"\xff no json", b"", b"[1, 2]", b"null", b"9" * 6000, b"x" * 5_000_000)
            redis.lpush(name, *(json.dumps(_payload(*message)) for message in _MESSAGES))
        return
    with Connection(address(place.stack)) as connection:
        channel: Any = connection.channel()
        for body, headers, properties in _MESSAGES:
            usual = {"content_type": "application/json", "content_encoding": "utf-8"}
            message = amqp.Message(body, application_headers=headers, **{**usual, **properties})
            channel.basic_publish(message, exchange="", routing_key=queue)


def _payload(body: bytes, headers: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "body": base64.b64encode(body).decode(),
        "content-type": properties.get("content_type", "application/json"),
        "content-encoding": properties.get("content_encoding", "utf-8"),
        "headers": headers,
        "properties": {
            "delivery_tag": "x",
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": "x"},
        },
    }
