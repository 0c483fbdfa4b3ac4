"""Durable jobs in the API: what routes accept them by, their problems, metrics, and the state of who does them."""

from collections.abc import Mapping
from typing import Literal, cast

import pymongo
from apiflask import APIFlask
from flask import current_app
from prometheus_client.registry import Collector
from pydantic import BaseModel, Field
from pymongo.errors import PyMongoError

from common.clients import PING_TIMEOUT, Clients, Ping
from common.queue import tls
from common.queue.clients import QueueClients, queue_clients
from jobs.collector import JobCollector
from jobs.declared import job_collections
from jobs.heartbeat import processes
from jobs.service import Jobs
from web.context import owner
from web.extensions.jobs import resources
from web.readiness import Addition


class State(BaseModel):
    """Whether the work that is accepted is done now."""

    status: Literal["ready", "degraded"] = Field(
        description="`degraded`: work is accepted, and done later; `reasons` tells why."
    )
    reasons: list[str] = Field(description="What keeps work from being done: the broker, or workers that do none.")


def install(app: APIFlask) -> None:
    """Open the queue beside MongoDB, and answer what jobs raise. Raises FeatureError."""
    tls.warn(app.extensions["settings"])
    opened: Clients = app.extensions["clients"]
    app.extensions["clients"] = queue_clients(opened)
    app.extensions["jobs"] = Jobs(app.extensions["clients"])
    app.extensions["job_collections"] = job_collections(app.extensions["features"])
    resources.install(app)


def collectors(app: APIFlask) -> list[Collector]:
    """Return what tells how the jobs stand."""
    extensions = app.extensions
    return [JobCollector(lambda: extensions["clients"].database, extensions["job_collections"])]


def jobs() -> Jobs:
    """Return the durable jobs that this request may see."""
    return cast("Jobs", current_app.extensions["jobs"]).of(owner())


def clients() -> QueueClients:
    """Return the clients of the app that handles this request, with the queue and its publisher."""
    return cast("QueueClients", current_app.extensions["clients"])


def _state(clients: Clients, pings: Mapping[str, Ping]) -> State:
    away = [] if pings["broker"].ok else ["the broker is away"]
    reasons = [*away, *_unhealthy(clients)]
    return State(status="degraded" if reasons else "ready", reasons=reasons)


def _unhealthy(clients: Clients) -> list[str]:
    """Return what the workers say of themselves."""
    try:
        with pymongo.timeout(PING_TIMEOUT):
            known = processes(clients.database)
    except PyMongoError:
        return []
    return [f"{process.name}: {process.unhealthy}" for process in known if process.alive and process.unhealthy]


READINESS = Addition(
    part="broker",
    model=State,
    state=_state,
    without="without the broker it is 200 and `degraded`, because requests are still accepted; so it is with a worker "
    "that says it does not work",
)
