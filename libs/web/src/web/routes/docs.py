"""The documentation page: Swagger UI over `/openapi.json`, all of it from local files, so it works offline.

Not served in production, where `/openapi.json` is enough.
"""

from importlib.util import find_spec
from pathlib import Path

from apiflask import APIBlueprint
from flask import Response, abort, send_from_directory

from web.context import settings

bp = APIBlueprint("docs", __name__, enable_openapi=False)

OURS = Path(__file__).parent.parent / "docs"
# The wheel is only looked up, because importing it would read eight megabytes.
_wheel = find_spec("offapi")
SWAGGER = Path(_wheel.origin).parent if _wheel and _wheel.origin else OURS
ASSETS = {
    "docs.js": (OURS, "docs.js"),
    "swagger-ui.css": (SWAGGER, "swagger_style.css"),
    "swagger-ui.js": (SWAGGER, "swagger_bundle.js"),
}
# The page may load only from here; Swagger UI sets styles on its elements and draws its icons from data.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@bp.before_request
def _only_outside_production() -> None:
    if settings().environment == "production":
        abort(404)


@bp.get("/docs")
def page() -> Response:
    """Return the page."""
    response = send_from_directory(OURS, "docs.html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@bp.get("/docs/<name>")
def asset(name: str) -> Response:
    """Return a file that the page loads."""
    if name not in ASSETS:
        abort(404)
    folder, file = ASSETS[name]
    return send_from_directory(folder, file, max_age=3600)
