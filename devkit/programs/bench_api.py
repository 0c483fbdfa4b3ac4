"""What `invoke bench` serves in place of `api.asgi:app`: the same API, with plain Celery tasks and counts."""

import os
from urllib.request import urlopen

from apiflask import APIBlueprint
from bench_contracts import BARE, PLAIN, Numbers
from bench_routes import bp as resources
from bson import ObjectId
from workload_api import app

from api.wsgi import settings
from common.logging import REQUEST_ID
from common.metrics import FOLDER
from common.queue.contract import JobPayload
from testing.example import EXAMPLES, ExampleCreate
from web.extensions.jobs import clients
from web.front.app import fronted

bp = APIBlueprint("bench", __name__, url_prefix="/bench", enable_openapi=False)


@bp.post("/plain")
@bp.input(ExampleCreate, arg_name="body")
def plain(body: ExampleCreate) -> tuple[dict[str, str], int]:
    """Insert a document and publish a message within the request, as most projects do it."""
    job_id = str(ObjectId())
    document = {"_id": job_id, "title": body.title, "values": body.values, "state": "pending", "result": None}
    clients().database[PLAIN.name].insert_one(document)
    clients().queue.publish(PLAIN, JobPayload(id=job_id), request_id=REQUEST_ID.get())
    return {"id": job_id}, 202


@bp.post("/bare")
@bp.input(ExampleCreate, arg_name="body")
def bare(body: ExampleCreate) -> tuple[dict[str, str], int]:
    """Publish a message and do nothing else."""
    clients().queue.publish(BARE, Numbers(values=body.values), request_id=REQUEST_ID.get())
    return {"id": ""}, 202


@bp.get("/done/<kind>")
def done(kind: str) -> dict[str, int]:
    """Return how many jobs of a kind are done."""
    if kind == "bare":
        with urlopen(f"http://127.0.0.1:{os.environ['METRICS_PORT']}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        start = f'job_attempts_total{{name="{BARE.name}",outcome="done"}}'
        return {"done": sum(int(float(line.split()[-1])) for line in lines if line.startswith(start))}
    name, state = (PLAIN.name, "state") if kind == "plain" else (EXAMPLES.name, "job.state")
    return {"done": clients().database.command("count", name, query={state: "done"})["n"]}


@bp.get("/states")
def states() -> dict[str, int]:
    """Return how many jobs are in each state."""
    groups = clients().database[EXAMPLES.name].aggregate([{"$group": {"_id": "$job.state", "count": {"$sum": 1}}}])
    return {group["_id"]: group["count"] for group in groups}


app.register_blueprint(bp)
app.register_blueprint(resources)
front = fronted(app, settings, os.environ.get(FOLDER, ""))
