"""FastAPI on uvicorn, with the duties that the product has for each request: `invoke bench api` measures beside it.

They are an id of the request, a line of JSON for each, metrics, headers of security and trusted hosts. The documents
are those of the product, in the same MongoDB; the settings are in the environment.
"""

import json
import logging
import os
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, HTTPException
from itsdangerous import URLSafeSerializer
from prometheus_client import Counter, Histogram, make_asgi_app
from pydantic import BaseModel
from pymongo import AsyncMongoClient
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"server", b"api"),
    (b"x-content-type-options", b"nosniff"),
]
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


class Duties:
    """Gives every request its id, and every answer its headers, its line in the log and its place in the metrics."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *HEADERS, (b"x-request-id", request_id.encode())]
            await send(message)

        await self._app(scope, receive, answer)
        seconds = time.perf_counter() - started
        about = {"request_id": request_id, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("%s %s", scope["method"], scope["path"], extra={"about": {**about, "client": scope["client"][0]}})
        route = getattr(scope.get("route"), "path", "none")
        REQUESTS.labels(scope["method"], route, str(status)).inc()
        REQUEST_SECONDS.labels(scope["method"], route).observe(seconds)


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
app = FastAPI()
app.mount("/metrics", make_asgi_app())
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"])
app.add_middleware(Duties)


def shown(document: dict[str, Any]) -> Resource:
    """Return a resource as it is answered."""
    return Resource(id=document["_id"], title=document["title"], created_at=document["created_at"])


@app.get("/api/v1/bench/hello")
async def hello() -> Hello:
    """Answer without asking anything."""
    return Hello(message="Hello, world!")


@app.get("/api/v1/bench/resources/{resource_id}")
async def get_resource(resource_id: str) -> Resource:
    """Show a resource."""
    document = await resources.find_one({"_id": resource_id})
    if document is None:
        raise HTTPException(404)
    return shown(document)


@app.get("/api/v1/bench/resources")
async def list_resources(limit: int = 20, cursor: str | None = None) -> Page:
    """List the resources, the newest first."""
    where = {"_id": {"$lt": cursors.loads(cursor)}} if cursor else {}
    listed = await resources.find(where, {"values": False}).sort("_id", -1).limit(limit + 1).to_list()
    items = [shown(document) for document in listed[:limit]]
    following = str(cursors.dumps(items[-1].id)) if len(listed) > limit else None
    return Page(items=items, next_cursor=following)
