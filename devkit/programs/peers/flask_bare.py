"""Flask alone, on granian: no duties but the answers; `invoke bench api` measures the product beside it.

The documents are those of the product, in the same MongoDB; the settings are in the environment.
"""

import os
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from itsdangerous import URLSafeSerializer
from pymongo import MongoClient

resources = MongoClient[dict[str, Any]](os.environ["PEER_MONGO_URL"], tz_aware=True)[os.environ["PEER_DATABASE"]][
    "resources"
]
cursors = URLSafeSerializer("only measured", salt="cursor")
app = Flask(__name__)


def shown(document: dict[str, Any]) -> dict[str, Any]:
    """Return a resource as it is answered."""
    created = document["created_at"].isoformat().replace("+00:00", "Z")
    return {"id": document["_id"], "title": document["title"], "created_at": created}


@app.get("/api/v1/bench/hello")
def hello() -> Response:
    """Answer without asking anything."""
    return jsonify(message="Hello, world!")


@app.get("/api/v1/bench/resources/<resource_id>")
def get_resource(resource_id: str) -> Response:
    """Show a resource."""
    document = resources.find_one({"_id": resource_id})
    if document is None:
        abort(404)
    return jsonify(shown(document))


@app.get("/api/v1/bench/resources")
def list_resources() -> Response:
    """List the resources, the newest first."""
    limit = request.args.get("limit", 20, type=int)
    cursor = request.args.get("cursor")
    where = {"_id": {"$lt": cursors.loads(cursor)}} if cursor else {}
    listed = list(resources.find(where, {"values": False}).sort("_id", -1).limit(limit + 1))
    items = [shown(document) for document in listed[:limit]]
    following = str(cursors.dumps(items[-1]["id"])) if len(listed) > limit else None
    return jsonify(items=items, next_cursor=following)
