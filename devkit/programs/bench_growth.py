"""`python bench_growth.py SIZE ROUNDS CALLS`: fill a collection up to so many pending jobs, and time what it takes.

Prints the milliseconds of a page of 20, and of finding and claiming the next job, each the median of all calls in a
round, as JSON. The settings are in the environment.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from statistics import median

from pymongo import InsertOne

from common.clients import Clients
from common.config import Settings
from common.mongo import Document, apply_indexes
from common.queue.clients import QueueClients
from common.resource import new_id
from jobs.declared import all_collections
from jobs.model import new_job
from jobs.resource import JobQuery
from jobs.service import Jobs
from jobs.store import JobStore
from testing.example import EXAMPLE, EXAMPLES, WORK

AT_ONCE = 5000
VALUES = [float(number) for number in range(10)]


def document() -> Document:
    """Return a job as the product stores it."""
    return {"_id": new_id(), "title": "Bench", "values": VALUES, "job": new_job(WORK, request_id="bench")}


def fill(clients: Clients, size: int) -> None:
    """Insert what is missing."""
    apply_indexes(clients.database, all_collections([EXAMPLE]))
    examples = clients.database[EXAMPLES.name]
    missing = max(size - examples.estimated_document_count(), 0)
    for begin in range(0, missing, AT_ONCE):
        examples.bulk_write([InsertOne(document()) for _ in range(min(AT_ONCE, missing - begin))], ordered=False)


def timed(call: Callable[[], object], rounds: int, calls: int) -> list[float]:
    """Return the milliseconds of a call, the median in each round; one round before them is not counted."""
    medians = []
    for _ in range(rounds + 1):
        took = []
        for _ in range(calls):
            began = time.perf_counter()
            call()
            took.append(1000 * (time.perf_counter() - began))
        medians.append(median(took))
    return medians[1:]


def main(size: int, rounds: int, calls: int) -> None:
    """Fill, measure and print."""
    with QueueClients(Settings.load(os.environ, env_files=())) as clients:
        fill(clients, size)
        jobs, store, names = Jobs(clients), JobStore(clients.database[EXAMPLES.name]), [WORK.name]

        def claim() -> None:
            [job] = store.ready(names, 1)
            assert store.claim(job.id, name=WORK.name, owner="bench") is not None

        pages = timed(lambda: jobs.page(WORK, JobQuery(limit=20)), rounds, calls)
        print(json.dumps({"page": pages, "claim": timed(claim, rounds, calls)}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
