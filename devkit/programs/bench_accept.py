"""`python bench_accept.py COUNT THREADS`: accept jobs by the product's own code, without HTTP, and wait for all.

Prints the seconds from the first one accepted to the last one done, as JSON; the settings are in the environment.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from common.config import Settings
from common.queue.clients import QueueClients
from jobs.service import Jobs
from testing.example import EXAMPLES, WORK

POLL = 0.05
VALUES = [float(number % 97) for number in range(100)]


def main(count: int, threads: int) -> None:
    """Accept `count` jobs."""
    with QueueClients(Settings.load(os.environ, env_files=())) as clients, ThreadPoolExecutor(threads) as pool:
        jobs = Jobs(clients)
        documents = clients.database[EXAMPLES.name]

        def accept(number: int) -> str:
            fields = {"title": "Bench", "values": VALUES}
            return str(jobs.accept(WORK, fields, request_id=f"bench-{number}")["_id"])

        began = time.perf_counter()
        first = min(pool.map(accept, range(count)))
        # All that were accepted here have later ids than those before.
        mine = {"_id": {"$gte": first}, "job.state": "done"}
        while documents.count_documents(mine) < count:
            time.sleep(POLL)
        print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
