"""Gives every request its id and every answer its line in the log and its place in the metrics."""

import logging
import re
import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from apiflask import APIFlask
from flask import request

from common.config import Settings
from common.hosts import networks_of
from common.logging import bind
from common.metrics import REQUEST_SECONDS, REQUESTS, count, observe
from web.proxies import TrustedProxies

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
PATH_LENGTH = 200
# A client may invent any method and any path; metrics keep the names that the API knows.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def install(app: APIFlask) -> None:
    """Put the log around the whole app, so that also a request that Flask refuses is seen."""
    app.url_value_preprocessor(_note_route)
    settings: Settings = app.extensions["settings"]
    proxies = TrustedProxies(networks_of(settings.api_trusted_proxies))
    app.wsgi_app = AccessLog(app.wsgi_app, proxies)  # type: ignore[method-assign]  # Flask's documented way to wrap itself


class AccessLog:
    """A WSGI middleware: takes or makes the `X-Request-ID`, binds it, echoes it, and logs one line per request.

    `REMOTE_ADDR` is from here on the client's address, also behind a proxy that is trusted.

    A view may choose another level for its line: `request.environ["access.level"]`, and tell more in it:
    `request.environ["access.about"]`.
    """

    def __init__(self, app: "WSGIApplication", proxies: TrustedProxies) -> None:
        self._app = app
        self._proxies = proxies

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Handle one request; its `write` callable, which is obsolete, is Flask's own."""
        started = time.perf_counter()
        client = self._proxies.client(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
        environ["REMOTE_ADDR"] = client
        request_id = accepted_id(environ.get("HTTP_X_REQUEST_ID", ""))
        answered: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], error: "OptExcInfo | None" = None) -> object:
            answered.append(status)
            return start_response(status, [*headers, ("X-Request-ID", request_id)], error)

        with bind(request_id=request_id):
            body = self._app(environ, start)  # type: ignore[arg-type]  # the returned `write` is passed through
            seconds = time.perf_counter() - started
            status = int(answered[-1].split(" ", 1)[0])
            level = environ.get("access.level", logging.INFO)
            told = environ.get("access.about", {})
            about = {"status": status, "ms": round(seconds * 1000, 1), "client": client, **told}
            log.log(level, "%s %s", environ["REQUEST_METHOD"], _path(environ), extra=about)
        _measure(environ, status, seconds)
        return body


def accepted_id(given: str) -> str:
    """Return the client's id when it is short and harmless, else a fresh one."""
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _note_route(*_: object) -> None:
    if request.url_rule is not None:
        request.environ["access.route"] = request.url_rule.rule


def _measure(environ: "WSGIEnvironment", status: int, seconds: float) -> None:
    method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in METHODS else "other"
    route = environ.get("access.route", "none")
    count(REQUESTS, method, route, str(status))
    observe(REQUEST_SECONDS, seconds, method, route)


def _path(environ: "WSGIEnvironment") -> str:
    """Return the path, escaped so that no client can write lines of its own into the log."""
    return quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"))[:PATH_LENGTH]
