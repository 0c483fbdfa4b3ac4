"""FastAPI on uvicorn, with the duties that the product has for each request: `invoke bench api` measures beside it.

They are an id of the request, a line of JSON for each, metrics, headers of security and trusted hosts. `app` has them
in a middleware as FastAPI's documentation shows it, `lean` in one by hand on ASGI alone. The documents are those of the
product, in the same MongoDB; the settings are in the environment.
"""

import json
import logging
import os
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from itsdangerous import URLSafeSerializer
from prometheus_client import Counter, Histogram, make_asgi_app
from pydantic import BaseModel
from pymongo import AsyncMongoClient
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("server", "api"),
    ("x-content-type-options", "nosniff"),
]
RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
REQUESTS = Counter("http_requests", "Requests that were answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("http_request_seconds", "From a request to its answer.", ["method", "route"])
log = logging.getLogger("access")


class JsonFormatter(logging.Formatter):
    """One line of JSON for each record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        return json.dumps({**line, **getattr(record, "about", {})})


def accepted_id(given: str) -> str:
    """Return the client's id when it is short and harmless, else a fresh one."""
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def note(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    """Write the line in the log, and count."""
    about = {"request_id": request_id, "status": status, "ms": round(seconds * 1000, 1), "client": scope["client"][0]}
    log.info("%s %s", scope["method"], scope["path"], extra={"about": about})
    route = getattr(scope.get("route"), "path", "none")
    REQUESTS.labels(scope["method"], route, str(status)).inc()
    REQUEST_SECONDS.labels(scope["method"], route).observe(seconds)


async def duties(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Handle one request with its duties, as FastAPI's documentation has a middleware."""
    started = time.perf_counter()
    request_id = accepted_id(request.headers.get("x-request-id", ""))
    response = await call_next(request)
    response.headers.update({**dict(HEADERS), "x-request-id": request_id})
    note(request.scope, request_id, response.status_code, time.perf_counter() - started)
    return response


class LeanDuties:
    """The same by hand, without the base class that FastAPI's documentation builds on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request with its duties."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = accepted_id(dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1"))
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *RAW_HEADERS, (b"x-request-id", request_id.encode())]
            await send(message)

        await self._app(scope, receive, answer)
        note(scope, request_id, status, time.perf_counter() - started)


class Hello(BaseModel):
    """An answer that needs no database."""

    message: str


class Resource(BaseModel):
    """A resource as it is answered."""

    id: str
    title: str
    created_at: datetime


class Page(BaseModel):
    """Some resources, the newest first."""

    items: list[Resource]
    next_cursor: str | None


handler = logging.StreamHandler(sys.stderr)
handler.setFormatter(JsonFormatter())
log.addHandler(handler)
log.setLevel(logging.INFO)
resources = AsyncMongoClient[dict[str, Any]](os.environ["PEER_MONGO_URL"], tz_aware=True)[os.environ["PEER_DATABASE"]][
    "resources"
]
cursors = URLSafeSerializer("only measured", salt="cursor")
router = APIRouter(prefix="/api/v1/bench")


def shown(document: dict[str, Any]) -> Resource:
    """Return a resource as it is answered."""
    return Resource(id=document["_id"], title=document["title"], created_at=document["created_at"])


@router.get("/hello")
async def hello() -> Hello:
    """Answer without asking anything."""
    return Hello(message="Hello, world!")


@router.get("/resources/{resource_id}")
async def get_resource(resource_id: str) -> Resource:
    """Show a resource."""
    document = await resources.find_one({"_id": resource_id})
    if document is None:
        raise HTTPException(404)
    return shown(document)


@router.get("/resources")
async def list_resources(limit: int = 20, cursor: str | None = None) -> Page:
    """List the resources, the newest first."""
    where = {"_id": {"$lt": cursors.loads(cursor)}} if cursor else {}
    listed = await resources.find(where, {"values": False}).sort("_id", -1).limit(limit + 1).to_list()
    items = [shown(document) for document in listed[:limit]]
    following = str(cursors.dumps(items[-1].id)) if len(listed) > limit else None
    return Page(items=items, next_cursor=following)


def made() -> FastAPI:
    """Return the application without the duties that a middleware has."""
    made = FastAPI()
    made.include_router(router)
    made.mount("/metrics", make_asgi_app())
    made.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"])
    return made


app = made()
app.middleware("http")(duties)
lean = made()
lean.add_middleware(LeanDuties)
