"""Guards of requests: what a request must be before a route sees it, and what every answer carries.

Closes what Flask and APIFlask leave open: they read a body of any content type, take NaN for a number, lose repeated
query parameters, answer a request without a Host, serve one address under many spellings, and do what a page of another
site makes a browser ask for.
"""

from typing import Any
from urllib.parse import quote, urlsplit

from apiflask import APIFlask
from flask import Request, Response, abort, current_app, request
from flask.json.provider import DefaultJSONProvider
from pydantic_core import from_json, to_json
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, RequestEntityTooLarge, UnsupportedMediaType

from common.config import Settings
from web.front.environ import REFUSAL
from web.problems import problem_at
from web.spelling import is_canonical

# Members of a body; pydantic would make an error of each unknown one, which takes seconds when they are many.
MEMBERS = 100
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
# Blueprints, by their names, that tell nothing of anybody's data: what every API serves beside its product.
PUBLIC = frozenset({"docs", "health", "index", "metrics", "openapi"})
# Methods that change nothing (RFC 9110, 9.2.1).
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # Else the server would put its own name here.
    "Server": "api",
    "X-Content-Type-Options": "nosniff",
}


def install(app: APIFlask) -> None:
    """Set the app's limits and put its guards up."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        TRUSTED_HOSTS=[host.strip() for host in settings.api_trusted_hosts.split(",")],
        PROPAGATE_EXCEPTIONS=False,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    # Of pages elsewhere whose requests are taken as if they were of this site; extensions add to them.
    own_origins: set[str] = set()
    app.extensions["own_origins"] = own_origins
    app.request_class = StrictRequest
    app.json = StrictJSON(app)
    # A doubled slash inside a path is not found; merging it would answer with a redirect in HTML.
    app.url_map.merge_slashes = False
    app.before_request(_need_whole_request)
    app.before_request(_need_host)
    app.before_request(_need_canonical_path)
    app.before_request(_need_own_site)
    app.before_request(_need_declared_query)
    app.after_request(_harden)


def refuse_unreachable_routes(app: APIFlask) -> None:
    """Raise ValueError for a route that ends in a slash: no address does, so it would never be reached."""
    for rule in app.url_map.iter_rules():
        if rule.rule != "/" and rule.rule.endswith("/"):
            raise ValueError(f"The route {rule.rule} of {rule.endpoint} ends in a slash; leave it out.")


class StrictJSON(DefaultJSONProvider):
    """JSON as RFC 8259 has it: no NaN, no broken UTF-8; numbers and nesting are bounded."""

    ensure_ascii = False
    sort_keys = False

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return the shortest text; the standard library takes more than twice as long for a page of twenty."""
        return to_json(obj, fallback=self.default).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Raise ValueError for what is no JSON, also for nesting so deep that it would exhaust the stack."""
        return from_json(s, allow_inf_nan=False)


class StrictRequest(Request):
    """A request whose JSON body must say that it is JSON.

    Load balancers, platforms and Prometheus ask by address and know no name, so there any Host will do.
    """

    _trusted: list[str] | None = None

    # A variable in the base class. Flask assigns it for each request, and what is answered depends on the path.
    @property
    def trusted_hosts(self) -> list[str] | None:
        """The Host headers that are answered; None for all."""
        return None if self.path in PROBES else self._trusted

    @trusted_hosts.setter
    def trusted_hosts(self, hosts: list[str] | None) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self._trusted = hosts

    def get_json(self, *_: bool, **__: bool) -> Any:
        """Return the parsed body. Takes no options: APIFlask would pass one that ignores the content type.

        Raises UnsupportedMediaType; what is no JSON ends the request with a 400.
        """
        if self.mimetype != "application/json" and (self.mimetype or self.get_data()):
            raise UnsupportedMediaType("The body has to be sent as application/json.")
        self.need_whole_body()
        body = super().get_json(force=True)
        if isinstance(body, dict) and len(body) > MEMBERS:
            abort(problem_at("body", "", f"Object should have at most {MEMBERS} members."))
        return body

    def need_whole_body(self) -> None:
        """Refuse a part of a body, which might be JSON all the same.

        From a server that ends the stream itself (`wsgi.input_terminated`), Werkzeug reads a body of untold length up
        to the limit and stops, and it does not notice a client that went away in the middle.
        """
        size = len(self.get_data())
        if self.content_length is not None and size < self.content_length:
            raise BadRequest("The body ends before its Content-Length.")
        terminated = "wsgi.input_terminated" in self.environ
        if terminated and size == self.max_content_length and self.input_stream.read(1):
            raise RequestEntityTooLarge

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Tell where the body stops being JSON; the parser's message holds no part of it."""
        abort(problem_at("body", "", str(e), status=400, detail="The body is not JSON."))


def _need_whole_request() -> None:
    """Refuse a request that the front could not read whole."""
    if refusal := request.environ.get(REFUSAL):
        raise refusal


def _need_host() -> None:
    """HTTP/1.1 requires a Host; without one Flask would trust the server's own name."""
    if not request.environ.get("HTTP_HOST") and request.path not in PROBES:
        raise BadRequest("The Host header is missing.")


def _need_canonical_path() -> None:
    """Each address has one spelling: a rule of a proxy for `/metrics` does not match `//metrics` or `/%6detrics`."""
    path = request.environ.get("RAW_URI") or quote(request.environ["PATH_INFO"].encode("latin-1"))
    if not is_canonical(path.partition("?")[0]):
        raise NotFound


def _need_own_site() -> None:
    """Refuse what a page of another site sends, for its browser may be let in where the page is not.

    Believes the browser: each tells where a request comes from, and no page can make it say otherwise. Other clients
    tell nothing, and are not meant.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if origin in current_app.extensions["own_origins"]:
        return
    own = site == "same-origin" if site else origin is None or urlsplit(origin).netloc == request.host
    if not own:
        raise Forbidden("The request was sent by a page of another site.")


def _need_declared_query() -> Response | None:
    """Refuse a parameter that is given twice, and one that the operation does not have.

    A route that takes parameters refuses the unknown ones by its model, which forbids extra fields.
    """
    if request.url_rule is None:
        return None
    for name, values in request.args.lists():
        if len(values) > 1:
            return problem_at("query", name, "The parameter is given more than once.")
        if not _takes_query() and request.url_rule.rule.startswith("/api/"):
            return problem_at("query", name, "The parameter is not known here.")
    return None


def _takes_query() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    inputs = getattr(view, "_spec", {}).get("args") or []
    return any(location == "query" for _, location in inputs)


def _harden(response: Response) -> Response:
    # One look at the names; `setdefault` takes one for each, a tenth of a request in all.
    given = {name.lower() for name, _ in response.headers}
    for name, value in HEADERS.items():
        if name.lower() not in given:
            response.headers.add(name, value)
    if response.status_code == 204:
        del response.headers["Content-Type"]
    return response
