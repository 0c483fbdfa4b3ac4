"""What `invoke bench` serves in place of `api.asgi:app`: the same API, with the measured requests and with counts."""

import os

from apiflask import APIBlueprint
from bench_routes import bp as resources
from workload_api import app

from api.wsgi import settings
from common.metrics import FOLDER
from jobs.model import OPEN
from testing.example import EXAMPLES
from web.context import database
from web.front.app import fronted

bp = APIBlueprint("bench", __name__, url_prefix="/bench", enable_openapi=False)


@bp.get("/done")
def done() -> dict[str, int]:
    """Return how many jobs are done: all but those that are open, for these are few, and an index holds them alone."""
    still_open = database().command("count", EXAMPLES.name, query={"job.state": {"$in": [*OPEN]}})["n"]
    return {"done": database()[EXAMPLES.name].estimated_document_count() - still_open}


@bp.get("/states")
def states() -> dict[str, int]:
    """Return how many jobs are in each state."""
    groups = database()[EXAMPLES.name].aggregate([{"$group": {"_id": "$job.state", "count": {"$sum": 1}}}])
    return {group["_id"]: group["count"] for group in groups}


app.register_blueprint(bp)
app.register_blueprint(resources)
front = fronted(app, settings, os.environ.get(FOLDER, ""))
