"""Faults of too much: work that takes long or is large, invalid messages, and a disk that is full."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from devkit import ROOT
from devkit.terminal import CommandError

from .broker import HOLD_LIMIT, Message
from .brokers import harness
from .context import FaultContext, UnsupportedError
from .load import Post
from .stack import DATABASE, JOBS, WORKERS

# Jobs of a large backlog, and their values: a document of one and a half megabytes each.
_LARGE_JOBS, _LARGE_VALUES = 1000, 100_000
# Of the small file system: enough for an empty MongoDB and the jobs of one run.
_DISK_SIZE = "160m"
# What a worker logs of an invalid message.
_REFUSED = "is refused and dropped"
_BODY = json.dumps([[], {"id": "x"}, {}]).encode()
_HEADERS: dict[str, Any] = {"lang": "py", "task": "example.work", "id": "x", "retries": 0, "timelimit": [None, None]}
# Invalid messages.
_MESSAGES: tuple[Message, ...] = (
    (b"\xff\xfe", {}, {}),
    (_BODY, {**_HEADERS, "task": "os.system"}, {}),
    (_BODY, {**_HEADERS, "task": ["example.work"]}, {}),
    (_BODY, {**_HEADERS, "eta": "2099-01-01T00:00:00Z"}, {}),
    (_BODY, {**_HEADERS, "timelimit": "x"}, {}),
    (_BODY, {**_HEADERS, "expires": 7}, {}),
    (_BODY, _HEADERS, {"content_type": "application/x-python-serialize"}),
    (_BODY, _HEADERS, {"content_encoding": "unknown"}),
    (b"[" * 20_000, _HEADERS, {}),
    (b"x" * 900_000, _HEADERS, {}),
    (b"", _HEADERS, {}),
)


def work_long(context: FaultContext) -> None:
    """Compute jobs that take much longer than the broker lets a message be held."""
    context.await_effect(
        lambda: all(context.running_jobs(name, title="Long") for name in WORKERS), "the workers had no long job"
    )
    context.wait(3 * HOLD_LIMIT)
    if not any(context.running_jobs(name, title="Long") for name in WORKERS):
        raise CommandError("The long jobs were finished too soon.")


def grow_backlog(context: FaultContext) -> None:
    """Accept a thousand large jobs while the broker is frozen, so that no worker is notified of them."""
    with context.frozen(context.stack.processes[context.stack.broker].pid):
        accept_directly(context, _LARGE_JOBS, _LARGE_VALUES)


def accept_directly(context: FaultContext, count: int, size: int) -> list[Post]:
    """Accept jobs of so many values each by the product's own code, and return them; they count as posted.

    Not over HTTP: the API would take longer to read them than a run may last. They are for the owner of the jobs that
    came over HTTP, to whom alone the API shows them.
    """
    jobs = context.stack.mongo[DATABASE][JOBS]
    context.await_effect(lambda: jobs.find_one({}, {"owner": True}) is not None, "no job was accepted over HTTP")
    owner = (jobs.find_one({}, {"owner": True}) or {}).get("owner")
    values = [number / 1000 for number in range(size)]
    arguments = [str(count), str(size), *([owner] if owner else [])]
    command = [sys.executable, str(ROOT / "devkit/programs/accept_jobs.py"), *arguments]
    environ, log = {**os.environ, **context.stack.settings}, context.stack.folder / "accept_jobs.log"
    posts = []
    with (
        log.open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True) as program,
    ):
        assert program.stdout is not None  # noqa: S101 - it is a pipe
        for line in program.stdout:
            context.stack.check()
            posts.append(Post(title="Chaos", values=values, status=202, url=context.stack.urls[0], **json.loads(line)))
    context.accepted_directly += posts
    if program.returncode:
        raise CommandError("The jobs were not accepted.")
    return posts


def publish_invalid(context: FaultContext) -> None:
    """Publish invalid messages between the valid ones; no worker may end or stop to consume."""
    before = [context.stack.processes[name].pid for name in WORKERS]
    refused = _refusals(context)
    for _ in range(3):
        harness(context.stack).publish(_MESSAGES)
        context.wait(1)
    context.await_effect(lambda: _refusals(context) > refused, "no message was refused")
    if [context.stack.processes[name].pid for name in WORKERS] != before:
        raise CommandError("A worker ended because of an invalid message.")


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small file system in memory at a folder for the time of a block.

    Raise UnsupportedError where that is forbidden.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    options = f"size={_DISK_SIZE},mode=700,uid={os.geteuid()}"
    try:
        _run_quietly(*sudo, "mount", "-t", "tmpfs", "-o", options, "chaos", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnsupportedError("a small disk needs root, or sudo without a password, to mount a tmpfs") from error
    try:
        yield
    finally:
        _run_quietly(*sudo, "umount", "--lazy", str(folder))


def _run_quietly(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def fill_disk(context: FaultContext) -> None:
    """Leave no free byte in the file system of MongoDB's data."""
    filler, mongo = context.stack.folder / "data" / "mongo" / "data" / "filler", context.stack.processes["mongo"]
    collection = context.stack.mongo[DATABASE]["filler"]
    collection.insert_one({})
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    with suppress(PyMongoError), pymongo.timeout(3):
        # MongoDB has reserved some bytes for its journal; these use them up.
        for _ in range(64):
            collection.insert_one({"bytes": secrets.token_bytes(1 << 20)})
    context.await_effect(lambda: not mongo.works(), "MongoDB did not notice that its disk is full")
    context.wait(6)
    filler.unlink()
    mongo.wait(context.stack.check)


def _refusals(context: FaultContext) -> int:
    logs = [context.stack.folder / f"{name}.log" for name in WORKERS]
    return sum(log.read_text(encoding="utf-8").count(_REFUSED) for log in logs)
