"""The page `/`: a look at the whole stack, and a form for each feature that has one; not served in production.

It works without JavaScript and renews itself with it. Whatever a person has to do something about is told on the page,
also as 422, 429 and 503; what only a program can do wrong is a problem, as everywhere.
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pymongo
from apiflask import APIBlueprint
from flask import Response, abort, render_template, request, send_from_directory
from pymongo.errors import PyMongoError

from api import pages
from api.context import clients, settings
from api.forms import Entry, FormError, posted_fields
from api.overview import overview
from api.problems import BACKLOG_RETRY_AFTER, RETRY_AFTER, is_away, problem_at
from common.clients import PING_TIMEOUT
from common.discovery import modules_of
from jobs.backlog import BacklogFullError

bp = APIBlueprint("home", __name__, enable_openapi=False, template_folder="../pages")

PAGES = Path(__file__).parent.parent / "pages"
ASSETS = {"home.css", "home.js"}
PARTS = {module.__name__.rpartition(".")[2]: module for module in modules_of(pages)}
# What the commands write, in the folder where the API was started: the root of the repository.
REPORTS = Path("reports")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# The reports are pages of other tools, with scripts and styles inside; they may run, and talk to nobody.
REPORTS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
AWAY = "MongoDB cannot be reached, so nothing was accepted for sure. Send it again: it will not be made twice."


@bp.before_request
def _only_outside_production() -> None:
    if settings().environment == "production":
        abort(404)


@bp.get("/")
def page() -> Response:
    """The page as it is now."""
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        # The page's own script asks every second; the log is for people.
        request.environ["access.level"] = logging.DEBUG
    return _page()


@bp.post("/")
def submit() -> Response:
    """Takes a part's form, and leads back to the page, so that a reload sends nothing again."""
    fields = posted_fields()
    name = fields.get("part", "")
    if name not in PARTS:
        return problem_at("body", "part", "No part of the page has this name.")
    try:
        place = PARTS[name].accept(fields)
    except FormError as error:
        return _page(422, {name: Entry(fields, error.errors)})
    except BacklogFullError as error:
        return _later(429, BACKLOG_RETRY_AFTER, {name: Entry(fields, {"": f"{error} Send it again in a while."})})
    except PyMongoError as error:
        if not is_away(error):
            raise
        return _later(503, RETRY_AFTER, {name: Entry(fields, {"": AWAY})})
    return Response(status=303, headers={"Location": f"/#{place}"}, mimetype="text/plain")


@bp.get("/page/<name>")
def asset(name: str) -> Response:
    """A file that the page loads."""
    if name not in ASSETS:
        abort(404)
    return send_from_directory(PAGES, name)


@bp.get("/reports/<path:name>")
def report_file(name: str) -> Response:
    """A file among the reports that the project's commands have written."""
    response = send_from_directory(REPORTS.resolve(), name)
    response.headers["Content-Security-Policy"] = REPORTS_POLICY
    return response


def _later(status: int, seconds: int, entries: Mapping[str, Entry]) -> Response:
    response = _page(status, entries)
    response.headers["Retry-After"] = str(seconds)
    return response


def _page(status: int = 200, entries: Mapping[str, Entry] | None = None) -> Response:
    now = overview(clients(), settings())
    parts = [
        {
            "name": name,
            "template": f"{name}.html",
            "shown": _shown(module) if now.has_database else None,
            "entry": (entries or {}).get(name, Entry()),
        }
        for name, module in PARTS.items()
    ]
    html = render_template(
        "home.html",
        settings=settings(),
        now=datetime.now(UTC),
        overview=now,
        parts=parts,
        failed=status != 200,
        # Sent with a form: sending that twice makes one thing.
        key=secrets.token_hex(16),
        has_reports=(REPORTS / "index.html").is_file(),
    )
    # Without a referrer browsers would hide the origin of a form, too.
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
    return Response(html, status, headers, content_type="text/html; charset=utf-8")


def _shown(module: ModuleType) -> dict[str, Any] | None:
    """What a part shows; None when the database went away meanwhile."""
    try:
        with pymongo.timeout(PING_TIMEOUT):
            shown: dict[str, Any] = module.show()
    except PyMongoError as error:
        if not is_away(error):
            raise
        return None
    return shown
