"""The web application: one page, its files, and the reports of the project's commands.

The page works without JavaScript, and refreshes itself with it. Whatever an operator can correct is said on the page,
also as 422, 429 and 503; what only a program can do wrong is one line of text.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pymongo
from flask import Blueprint, Flask, Response, current_app, render_template, request, send_from_directory
from pymongo.errors import ConnectionFailure, PyMongoError
from werkzeug.exceptions import UnprocessableEntity

from admin.console import extensions, guards, login, panels
from admin.console.context import Console
from admin.console.forms import Entry, FormError, posted_fields
from admin.console.overview import overview
from common.clients import PING_TIMEOUT, Clients
from common.config import Settings
from common.discovery import modules_by_name, modules_of
from common.logging import bind

bp = Blueprint("console", __name__)

PANELS = modules_by_name(panels)
EXTENSIONS = modules_of(extensions)
# What the commands write, in the folder where the console was started: the root of the repository.
REPORTS = Path("reports")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# The reports are pages of other tools, with scripts and styles inside; they may run, but connect to nothing.
REPORTS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
AWAY = "MongoDB cannot be reached, so it is not certain that this was accepted. Send it again: it is never made twice."
# Seconds after which to send a form again.
RETRY_AFTER = {429: "5", 503: "2"}


def create_app(settings: Settings, clients: Clients, password_hash: str = "", host: str = "") -> Flask:
    """Return a console over these settings and clients, which asks for the password of this hash, if any.

    `host` is the name by which a proxy leads to it, encrypted, if one does.
    """
    app = Flask(__name__, template_folder=".")
    # A doubled slash inside a path is not found; merging it would answer with a redirect.
    app.url_map.merge_slashes = False
    # A changed template is shown at once.
    app.config["TEMPLATES_AUTO_RELOAD"] = settings.environment == "development"
    app.extensions["console"] = console = Console(settings, clients)
    for extension in EXTENSIONS:
        extension.install(app, console)
    guards.install(app, max_body_bytes=settings.max_body_bytes, host=host)
    login.install(app, settings, password_hash, is_encrypted=bool(host))
    app.register_blueprint(bp)
    return app


@bp.get("/")
def show_page() -> Response:
    """Return the page as it is now."""
    return _page()


@bp.post("/")
def submit_form() -> Response:
    """Take a panel's form, and redirect to the page, so that a reload sends nothing again."""
    fields = posted_fields()
    name = fields.get("panel", "")
    if not hasattr(PANELS.get(name), "submit"):
        raise UnprocessableEntity("No panel with a form has this name.")
    try:
        with bind(request_id=secrets.token_hex(16)):
            element = PANELS[name].submit(_console(), fields)
    except FormError as error:
        return _page(error.status, {name: Entry(fields, error.errors)})
    except PyMongoError as error:
        if not is_away(error):
            raise
        return _page(503, {name: Entry(fields, {"": AWAY})})
    return Response(status=303, headers={"Location": f"/#{element}"}, mimetype="text/plain")


@bp.get("/reports/<path:name>")
def show_report_file(name: str) -> Response:
    """Return a file among the reports that the project's commands have written."""
    response = send_from_directory(REPORTS.resolve(), name)
    response.headers["Content-Security-Policy"] = REPORTS_POLICY
    return response


def is_away(error: PyMongoError) -> bool:
    """Return whether the error means that the database is unavailable, so that the form may be sent again."""
    return error.timeout or isinstance(error, ConnectionFailure)


def _page(status: int = 200, entries: Mapping[str, Entry] | None = None) -> Response:
    console = _console()
    now = overview(console, EXTENSIONS)
    drawn = [
        {
            "name": name,
            "template": f"panels/{name}.html",
            "content": _content(module, console) if now.has_database else None,
            "entry": (entries or {}).get(name, Entry()),
        }
        for name, module in PANELS.items()
    ]
    html = render_template(
        "page.html",
        api=console.api,
        # Elsewhere the API's own address leads nowhere.
        is_here=request.host.partition(":")[0] in guards.HOSTS,
        settings=console.settings,
        now=datetime.now(UTC),
        overview=now,
        panels=drawn,
        failed=status != 200,
        # Sent with a form: the same form sent twice is done once.
        key=secrets.token_hex(16),
        has_reports=(REPORTS / "index.html").is_file(),
    )
    # Without a referrer browsers would hide the origin of a form, too.
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
    if status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[status]
    return Response(html, status, headers, content_type="text/html; charset=utf-8")


def _content(module: ModuleType, console: Console) -> dict[str, Any] | None:
    """Return what a panel shows; None when the database became unavailable meanwhile."""
    try:
        with pymongo.timeout(PING_TIMEOUT):
            content: dict[str, Any] = module.show(console)
    except PyMongoError as error:
        if not is_away(error):
            raise
        return None
    return content


def _console() -> Console:
    return cast("Console", current_app.extensions["console"])
