"""What operators and load balancers ask."""

import logging
from typing import Literal

import pymongo
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field
from pymongo.errors import PyMongoError

from api.context import clients, settings
from api.document import Responses
from api.front.environ import LIVENESS
from api.front.liveness import Liveness
from api.problems import problem
from common.clients import PING_TIMEOUT, Ping
from common.heartbeat import processes

bp = APIBlueprint("health", __name__, tag={"name": "health", "description": "For operators and load balancers."})


RESPONSES: Responses = {503: {"description": "MongoDB is away; `parts` tells more."}}
STUCK: Responses = {503: {"description": "The process has stopped serving: start it again."}}


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Part(BaseModel):
    """A server that the API needs."""

    ok: bool
    latency_ms: float | None = Field(description="Milliseconds to its answer; null when there was none.")
    error: str | None = Field(description="The kind of error; null when it answered.")


class Parts(BaseModel):
    """The servers that the API needs."""

    mongo: Part
    broker: Part


class Readiness(BaseModel):
    """Whether requests can be served."""

    status: Literal["ready", "degraded"] = Field(
        description="`degraded`: work is accepted, and done later; `reasons` tells why."
    )
    parts: Parts
    reasons: list[str] = Field(description="What keeps work from being done: the broker, or workers that do none.")


class Version(BaseModel):
    """What runs here."""

    name: str
    version: str


@bp.get("/healthz")
@bp.output(Health)
@bp.doc(operation_id="getHealth", responses=STUCK)
def get_health() -> Health | Response:
    """Tell whether the API serves.

    The answer is 503 when no thread was free and no request was finished for `API_STALL_LIMIT` seconds, in any of its
    processes; one that is merely full is well. Needs no free thread, and asks no server: a process need not be
    restarted because a database is away.
    """
    liveness: Liveness | None = request.environ.get(LIVENESS)
    if liveness is not None and (silence := liveness.silence()) > liveness.limit:
        return problem(503, f"No request was finished for {silence:.0f} s though all threads are busy.")
    _be_quiet()
    return Health()


@bp.get("/readyz")
@bp.output(Readiness)
@bp.doc(operation_id="getReadiness", responses=RESPONSES)
def get_readiness() -> Readiness | Response:
    """Tell whether requests can be served.

    Asks MongoDB and the broker, each for a second at most. Without MongoDB the answer is 503; without the broker it is
    200 and `degraded`, because requests are still accepted; so it is with a worker that says it does not work.
    """
    pings = clients().ping()
    parts = Parts(mongo=_part(pings["mongo"]), broker=_part(pings["broker"]))
    if not parts.mongo.ok:
        return problem(503, "MongoDB is away.", parts=parts.model_dump())
    _be_quiet()
    reasons = [*([] if parts.broker.ok else ["the broker is away"]), *_unhealthy()]
    return Readiness(status="degraded" if reasons else "ready", parts=parts, reasons=reasons)


@bp.get("/version")
@bp.output(Version)
@bp.doc(operation_id="getVersion")
def get_version() -> Version:
    """Tell what runs here."""
    return Version(name=settings().project, version=settings().version)


def _unhealthy() -> list[str]:
    """Return what the workers say of themselves."""
    try:
        with pymongo.timeout(PING_TIMEOUT):
            known = processes(clients().database)
    except PyMongoError:
        return []
    return [f"{process.name}: {process.unhealthy}" for process in known if process.alive and process.unhealthy]


def _part(ping: Ping) -> Part:
    return Part(ok=ping.ok, latency_ms=ping.latency_ms, error=ping.error)


def _be_quiet() -> None:
    """Asked every few seconds, a probe is news only when the answer is no."""
    request.environ["access.level"] = logging.DEBUG
