"""A Celery task with a document, accepted over HTTP by Flask: as most projects do it, with Celery's own settings.

Celery acknowledges a message before its task begins, so a worker that is killed loses it; a process that is killed
between the insert and the message leaves a document that nobody works on. `invoke bench jobs` measures the product
beside it, on the same MongoDB and broker; the settings are in the environment.
"""

import os
from functools import cache
from typing import Any

from bson import ObjectId
from celery import Celery
from flask import Flask, Response, abort, jsonify, request
from pymongo import MongoClient
from pymongo.collection import Collection

tasks = Celery("peer", broker=os.environ["PEER_BROKER_URL"], task_ignore_result=True, task_default_queue="peer")
app = Flask(__name__)


@cache
def documents() -> Collection[dict[str, Any]]:
    """Return the documents, on a connection of this process."""
    client = MongoClient[dict[str, Any]](os.environ["PEER_MONGO_URL"], tz_aware=True)
    return client[os.environ["PEER_DATABASE"]]["peer"]


@tasks.task
def compute(document_id: str) -> None:
    """Read the document, compute, and write the result."""
    document = documents().find_one({"_id": document_id})
    if document is None:
        raise LookupError(document_id)
    result = sum(document["values"]) / len(document["values"])
    documents().update_one({"_id": document_id}, {"$set": {"result": result, "state": "done"}})


@app.post("/api/v1/examples")
def create() -> tuple[Response, int]:
    """Insert a document, and send the message before the answer."""
    body = request.get_json()
    if not body.get("title") or not body.get("values"):
        abort(422)
    document_id = str(ObjectId())
    document = {"_id": document_id, "title": body["title"], "values": body["values"], "state": "pending"}
    documents().insert_one(document)
    compute.delay(document_id)
    return jsonify(id=document_id, title=document["title"], state="pending", result=None), 202


@app.get("/bench/done")
def done() -> Response:
    """Return how many are done."""
    return jsonify(done=documents().count_documents({"state": "done"}))


@app.delete("/bench/done")
def forget() -> tuple[str, int]:
    """Delete all documents, so that counting them takes no time from the work."""
    documents().delete_many({})
    return "", 204
