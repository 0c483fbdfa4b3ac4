"""Durable jobs on the page: the broker, the workers and the beat, and the length of the queue."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, cast

import pymongo
from flask import Flask, current_app
from pymongo.errors import PyMongoError

from admin.console.context import Console
from admin.console.forms import FormError
from admin.console.overview import Component, Seen
from admin.extensions.jobs import COLLECTIONS
from common.clients import PING_TIMEOUT, Clients
from common.queue.broker import kind_of
from common.queue.clients import queue_clients
from jobs.backlog import BacklogFullError
from jobs.heartbeat import Process, processes
from jobs.lookup import find_job
from jobs.model import JobState
from jobs.resource import JobResource
from jobs.service import Jobs
from jobs.stats import COUNTED, shown
from jobs.store import JobStore

ROLES = ("worker", "beat")


def install(app: Flask, console: Console) -> None:
    """Make the durable jobs, which the panels take from here, and their templates `error_of`."""
    app.extensions["jobs"] = Jobs(queue_clients(console.clients))
    app.add_template_global(error_of)


def jobs() -> Jobs:
    """Return the durable jobs of the console that handles this request."""
    return cast("Jobs", current_app.extensions["jobs"])


def error_of(item: JobResource) -> str:
    """Return why the last attempt of a job failed, with what clients are not told; "" where it did not."""
    if not item.error:
        return ""
    match = find_job(jobs().database, COLLECTIONS, item.id)
    return str(match[0].job.get("error_detail") or item.error) if match else item.error


@contextmanager
def refusals() -> Iterator[None]:
    """Say it on the page when no more jobs are accepted. Raises FormError."""
    try:
        yield
    except BacklogFullError as error:
        raise FormError({"": f"{error} Send it again later."}, status=429) from error


def look(console: Console, *, has_database: bool) -> Seen:
    """Ask the broker and MongoDB, each for a second at most; in the content None is unknown."""
    broker, messages = _broker(console.clients, kind_of(console.settings).title)
    living = _living(console.clients) if has_database else None
    depths = _depths(console.clients, COLLECTIONS) if living is not None else None
    components = [Component(role, "unknown", "known when MongoDB is back") for role in ROLES]
    return Seen(
        [broker], components if living is None else [*_processes(living)], {"jobs": depths, "messages": messages}
    )


def _living(clients: Clients) -> list[Process] | None:
    try:
        with pymongo.timeout(PING_TIMEOUT):
            return processes(clients.database)
    except PyMongoError:
        return None


def _depths(clients: Clients, collections: Iterable[str]) -> Mapping[str, Mapping[JobState, str]] | None:
    """Return the number of open jobs by collection and state; None when MongoDB takes too long to count."""
    try:
        with pymongo.timeout(PING_TIMEOUT):
            depths = {name: JobStore(clients.database[name]).depth(COUNTED) for name in collections}
    except PyMongoError:
        return None
    return {name: {state: shown(count) for state, count in depth.items()} for name, depth in depths.items()}


def _broker(clients: Clients, name: str) -> tuple[Component, int | None]:
    try:
        messages = queue_clients(clients).queue.waiting(timeout=PING_TIMEOUT)
    except Exception as error:
        return Component(name, "down", f"{type(error).__name__}; work waits in MongoDB"), None
    return Component(name, "up", "notifies the workers"), messages


def _processes(living: list[Process]) -> Iterator[Component]:
    for role in ROLES:
        own = [process for process in living if process.role == role]
        if not own:
            yield Component(role, "down", "no heartbeat")
        for process in own:
            state: Literal["up", "down"] = "down" if process.trouble else "up"
            trouble = f", {process.trouble}" if process.trouble else ""
            yield Component(role, state, f"{process.name}, version {process.version}{trouble}")
