"""What a request must be before a route handles it, and the headers of every response."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden, HTTPException

# A page of another site may make a browser look these names up, and then counts as one of this site.
HOSTS = ["127.0.0.1", "localhost"]
# Methods that change nothing (RFC 9110, 9.2.1).
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # Otherwise the server would put its own name here.
    "Server": "console",
    "X-Content-Type-Options": "nosniff",
}


def install(app: Flask, *, max_body_bytes: int, host: str = "") -> None:
    """Set the limits of an app, and add the guards and the headers; `host` is its name behind the proxy, if any."""
    hosts = [*HOSTS, *filter(None, [host])]
    app.config.update(MAX_CONTENT_LENGTH=max_body_bytes, TRUSTED_HOSTS=hosts, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.before_request(_need_own_site)
    app.after_request(_harden)
    app.register_error_handler(HTTPException, _as_text)


def _need_own_site() -> None:
    """Refuse what a page of another site sends.

    A browser says where a request comes from, and no page can change what it says. Other clients say nothing; they are
    started by the person whose machine this is.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = site == "same-origin" if site else origin is None or urlsplit(origin).netloc == request.host
    if not own:
        raise Forbidden("The request was sent by a page of another site.")


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _as_text(error: HTTPException) -> Response:
    """Answer an error as one line of plain text, keeping its headers, such as `Allow`."""
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return Response(f"{error.code}: {error.description}\n", error.code, headers, content_type="text/plain")
