"""CORS: pages of other sites that may use the API from a browser, by their origins; none unless a setting names them.

A browser sends no cookie for them, since the API asks for none: `Access-Control-Allow-Credentials` is never sent.
"""

import re

from apiflask import APIFlask
from flask import Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed

from common.config import Settings
from common.extensions.cors import CorsSettings
from web.request_guards import HEADERS, PROBES

# Seconds for which a browser remembers what it was told; the longest that all of them allow is 600 or more.
MAX_AGE = 600
# Names of headers that a page wants to send. The API ignores those that it does not know, so any will do.
_NAMES = re.compile(r"[A-Za-z0-9-]{1,64}( ?, ?[A-Za-z0-9-]{1,64}){0,31}")
# What a page may read anyway, and what tells it nothing.
_NOT_EXPOSED = frozenset({*HEADERS, "Content-Length", "Content-Type", "Vary"})


def before(app: APIFlask) -> None:
    """Answer what a browser asks in advance, before it is asked who sends a request, and let those pages read."""
    settings: Settings = app.extensions["settings"]
    if origins := settings.section(CorsSettings).origins:
        app.extensions["own_origins"] |= origins
        app.before_request(_answer_preflight)
        app.after_request(_allow)


def _answer_preflight() -> Response | None:
    """Tell which methods an address has; what is nowhere is answered with 404, as always."""
    unknown = request.routing_exception
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not (is_preflight and _is_allowed() and isinstance(unknown, MethodNotAllowed)):
        return None
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(unknown.valid_methods or ()))
    wanted = request.headers.get("Access-Control-Request-Headers", "")
    if _NAMES.fullmatch(wanted):
        response.headers["Access-Control-Allow-Headers"] = wanted
    response.headers["Access-Control-Max-Age"] = str(MAX_AGE)
    response.vary.update(["Access-Control-Request-Method", "Access-Control-Request-Headers"])
    return response


def _allow(response: Response) -> Response:
    """Let the page read the answer, with the headers that it has."""
    # Also without an origin: what is answered to one page must not be kept for another.
    response.vary.add("Origin")
    if _is_allowed():
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        if request.method != "OPTIONS":
            names = {name for name, _ in response.headers if not name.startswith("Access-Control-")}
            exposed = sorted({*names - _NOT_EXPOSED, "X-Request-ID"})
            response.headers["Access-Control-Expose-Headers"] = ", ".join(exposed)
    return response


def _is_allowed() -> bool:
    origins: set[str] = current_app.extensions["own_origins"]
    return request.headers.get("Origin") in origins and request.path not in PROBES
