"""Translates a request between the two interfaces: an ASGI scope in, a WSGI environment out (PEP 3333)."""

import sys
from collections.abc import MutableMapping
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from web.front.body import Body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Scope = MutableMapping[str, Any]

# Where the application finds why it has to refuse a request, and the process's sign of life.
REFUSAL = "front.refusal"
LIVENESS = "front.liveness"
UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name; the values of one that is repeated are joined, as HTTP allows.

    A name with an underscore is left out: WSGI could not tell it from the one with a hyphen, which a proxy may set.
    """
    variables: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if "_" in name:
            continue
        variables[name] = f"{variables[name]}{'; ' if name == 'cookie' else ','}{value}" if name in variables else value
    return variables


def environ_of(scope: Scope, headers: dict[str, str], body: Body) -> "WSGIEnvironment":
    """Return the environment of a request that was read whole.

    `RAW_URI` is the target as it was spelled, by the name that other WSGI servers have for it. The process's own
    environment is no part of it.
    """
    target = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    host, port = scope["server"] or ("localhost", 80)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(target).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": f"{target}?{query}" if query else target,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        environ[UNPREFIXED.get(name) or f"HTTP_{name.upper().replace('-', '_')}"] = value
    # However it was framed, what the application reads is a body of this length.
    if environ.pop("HTTP_TRANSFER_ENCODING", None) or "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(len(body.content))
    if body.refusal is not None:
        environ[REFUSAL] = body.refusal
    return environ
