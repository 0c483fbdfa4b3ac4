"""What operators and load balancers ask."""

import logging
from textwrap import fill
from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field, create_model

from common.clients import Ping
from common.discovery import modules_of
from web import extensions
from web.context import clients, fitness, settings
from web.document import Responses
from web.front.environ import LIVENESS
from web.front.liveness import Liveness
from web.problems import problem
from web.readiness import Addition

bp = APIBlueprint("health", __name__, tag={"name": "health", "description": "For operators and load balancers."})


ADDED: list[Addition] = [module.READINESS for module in modules_of(extensions) if hasattr(module, "READINESS")]
SERVERS = " and ".join(["MongoDB", *(f"the {each.part}" for each in ADDED)])
UNFIT = (
    "Without MongoDB the answer is 503; so it is when the database lacks a migration of this version, or has one that "
    "this version cannot run after"
)
WITHOUT = "; ".join([UNFIT, *(each.without for each in ADDED)])
ABOUT = fill(f"Asks {SERVERS}, each for a second at most. {WITHOUT}.", width=116)

RESPONSES: Responses = {
    503: {"description": "MongoDB is away, or the database is not fit for this version; `detail` tells why."}
}
STUCK: Responses = {503: {"description": "The process has stopped serving: start it again."}}


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Part(BaseModel):
    """A server that the API needs."""

    ok: bool
    latency_ms: float | None = Field(description="Milliseconds to its answer; null when there was none.")
    error: str | None = Field(description="The kind of error; null when it answered.")


class _Readiness(BaseModel):
    """Whether requests can be served."""

    status: Literal["ready"]


# Its fields are the servers that are there.
Parts = create_model(
    "Parts",
    __doc__="The servers that the API needs.",
    mongo=(Part, ...),
    **{each.part: (Part, ...) for each in ADDED},  # type: ignore[call-overload] # fields by names that are computed
)


def _readiness() -> type[BaseModel]:
    """Return the model of the answer. What an extension tells of a field goes before what the base does."""
    bases: tuple[type[BaseModel], ...] = (*(each.model for each in ADDED), _Readiness)
    return create_model("Readiness", __base__=bases, __doc__=_Readiness.__doc__, parts=(Parts, ...))


Readiness = _readiness()


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
@bp.doc(operation_id="getReadiness", responses=RESPONSES, description=ABOUT)
def get_readiness() -> BaseModel | Response:
    """Tell whether requests can be served."""
    pings = clients().ping()
    parts = Parts(**{name: _part(ping) for name, ping in pings.items()})
    if not pings["mongo"].ok:
        return problem(503, "MongoDB is away.", parts=parts.model_dump())
    if unfit := fitness().ask():
        return problem(503, f"{unfit[:1].upper()}{unfit[1:]}.", parts=parts.model_dump())
    _be_quiet()
    told: dict[str, Any] = {"status": "ready"}
    for each in ADDED:
        told |= each.state(clients(), pings).model_dump()
    return Readiness.model_validate(told | {"parts": parts})


@bp.get("/version")
@bp.output(Version)
@bp.doc(operation_id="getVersion")
def get_version() -> Version:
    """Tell what runs here."""
    return Version(name=settings().project, version=settings().version)


def _part(ping: Ping) -> Part:
    return Part(ok=ping.ok, latency_ms=ping.latency_ms, error=ping.error)


def _be_quiet() -> None:
    """Asked every few seconds, a probe is news only when the answer is no."""
    request.environ["access.level"] = logging.DEBUG
