"""What `invoke bench` runs in place of `worker.main:app`: the same worker, with plain tasks of the same work."""

from bench_contracts import BARE, PLAIN, Numbers
from workload_worker import app

from common.metrics import count
from common.queue.contract import JobPayload
from jobs.metrics import ATTEMPTS
from testing.example import compute

__all__ = ["app"]


def _ignore(_fraction: float) -> None:
    """Ignore progress."""


@app.jobs.task(PLAIN)
def plain(payload: JobPayload) -> None:
    """Read the document, compute, and write the result, as most projects do it."""
    documents = app.jobs.database[PLAIN.name]
    document = documents.find_one({"_id": payload.id})
    assert document is not None
    effect = compute(document, _ignore)
    documents.update_one({"_id": payload.id}, {"$set": {**effect, "state": "done"}})


@app.jobs.task(BARE)
def bare(payload: Numbers) -> None:
    """Compute, and keep nothing but a count."""
    compute(payload.model_dump(), _ignore)
    count(ATTEMPTS, BARE.name, "done")
