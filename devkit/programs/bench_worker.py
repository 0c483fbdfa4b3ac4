"""What `invoke bench` runs in place of `worker.main:app`: the same worker, with plain tasks that do the same work."""

from bench_plain import BARE, PLAIN, Numbers

from common.contract import JobPayload
from common.metrics import ATTEMPTS, count
from domain.report.statistics import summarize
from worker.main import app

__all__ = ["app"]


def _ignore(_fraction: float) -> None:
    """Ignore progress."""


@app.jobs.task(PLAIN)
def plain(payload: JobPayload) -> None:
    """Read the document, compute, and write the result, as most projects do it."""
    documents = app.jobs.database[PLAIN.name]
    document = documents.find_one({"_id": payload.id})
    assert document is not None
    result = summarize(document["values"], _ignore).model_dump()
    documents.update_one({"_id": payload.id}, {"$set": {"result": result, "state": "done"}})


@app.jobs.task(BARE)
def bare(payload: Numbers) -> None:
    """Compute, and keep nothing but a count."""
    summarize(payload.values, _ignore)
    count(ATTEMPTS, BARE.name, "done")
