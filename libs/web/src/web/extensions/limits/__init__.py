"""Limits: how many requests of one caller are answered, and how many from an address that does not say who calls.

Changes and reads are counted apart. What every API serves beside its product is not counted: `request_guards.PUBLIC`.
"""

import logging

from apiflask import APIFlask
from flask import Response, current_app, g, request

from common.config import Settings
from common.discovery import modules_of
from common.extensions.limits import LimitsSettings, Rate
from common.metrics import count
from common.owner import EVERYBODY
from web.context import owner
from web.document import Json
from web.extensions.limits import stores
from web.extensions.limits.counters import Counters, CountersAwayError, MemoryCounters, SteadyCounters
from web.extensions.limits.limiter import Failures, Limiter, Usage, caller_of
from web.extensions.limits.metrics import REFUSED, UNCOUNTED
from web.problems import RETRY_AFTER, problem
from web.request_guards import PUBLIC, SAFE

log = logging.getLogger(__name__)

_TOO_MANY = "Too many requests; try again after `Retry-After` seconds."
_IN_SECONDS: Json = {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer"}}}


class _Limits:
    """The limits of one app."""

    def __init__(self, settings: LimitsSettings, shared: Counters | None) -> None:
        self.is_closed = settings.rate_limit_without_store == "closed"
        self.read, self.write = settings.rate("read"), settings.rate("write")
        self.limiter = Limiter(MemoryCounters() if shared is None else SteadyCounters(shared))
        unknown = settings.rate("unknown")
        self.failures = None if unknown is None else Failures(unknown)

    def of_request(self) -> Rate | None:
        """Return the limit of this request; None where there is none."""
        return self.read if request.method in SAFE else self.write


def before(app: APIFlask) -> None:
    """Refuse, before it is asked who sends a request, an address that has brought too much that was not valid."""
    settings: Settings = app.extensions["settings"]
    own = settings.section(LimitsSettings)
    app.extensions["descriptions"].append(describe)
    if not own.are_on(settings.environment):
        return
    shared = next(filter(None, (store.counters(settings) for store in modules_of(stores))), None)
    if shared is None and settings.environment == "production":
        log.warning("RATE_LIMIT_READ, RATE_LIMIT_WRITE: are counted by each API process for itself.")
    limits = app.extensions["limits"] = _Limits(own, shared)
    if (failures := limits.failures) is not None:
        app.before_request(lambda: _refuse_unknown(failures))
        app.after_request(lambda response: _note_unknown(failures, response))


def after(app: APIFlask) -> None:
    """Count each request when it is known who sends it."""
    if "limits" in app.extensions:
        app.before_request(_limit)
        app.after_request(_tell)


def describe(document: Json) -> None:
    """Add to the document what is answered to a request too many."""
    for path in document["paths"].values():
        for operation in path.values():
            # The tag of an operation is its feature.
            if operation["tags"][0] not in PUBLIC:
                told = operation["responses"].setdefault("429", {"description": "", "headers": _IN_SECONDS})
                told["description"] = f"{told['description']} {_TOO_MANY}".strip()


def _is_counted() -> bool:
    return request.url_rule is not None and (request.blueprint or "") not in PUBLIC


def _limit() -> Response | None:
    limits = _limits()
    rate = limits.of_request()
    if rate is None or not _is_counted():
        return None
    try:
        usage = limits.limiter.hit(rate, caller_of(owner(), request.remote_addr or ""))
    except CountersAwayError:
        count(UNCOUNTED, "no" if limits.is_closed else "yes")
        return _uncounted() if limits.is_closed else None
    g.limit_usage = usage
    return _refused(usage) if usage.is_over else None


def _tell(response: Response) -> Response:
    usage: Usage | None = g.get("limit_usage")
    if usage is not None:
        response.headers.update(usage.headers())
    return response


def _refuse_unknown(failures: Failures) -> Response | None:
    if not _is_counted():
        return None
    usage = failures.usage(_address())
    return _refused(usage) if usage.number >= usage.rate.amount else None


def _note_unknown(failures: Failures, response: Response) -> Response:
    if response.status_code == 401:
        failures.note(_address())
    return response


def _address() -> str:
    return caller_of(EVERYBODY, request.remote_addr or "")


def _refused(usage: Usage) -> Response:
    rate = usage.rate
    count(REFUSED, rate.name)
    detail = f"More than {rate.amount} requests in {rate.seconds} s. Try again in {usage.reset} s."
    return problem(429, detail, headers={"Retry-After": str(usage.reset), **usage.headers()})


def _uncounted() -> Response:
    return problem(503, "Requests cannot be counted now. Try again.", headers={"Retry-After": str(RETRY_AFTER)})


def _limits() -> _Limits:
    limits: _Limits = current_app.extensions["limits"]
    return limits
