"""Accept large jobs by the product's own code, without HTTP; print each accepted one as a line of JSON.

`python accept_large.py COUNT VALUES`, with the settings in the environment. The fault `large-backlog` runs it.
"""

import json
import os
import sys
import time

from common.config import Settings
from common.queue.clients import QueueClients
from jobs.service import Jobs
from testing.example import WORK


def main(count: int, size: int) -> None:
    """Accept `count` jobs of `size` values each."""
    fields = {"title": "Chaos", "values": [number / 1000 for number in range(size)]}
    with QueueClients(Settings.load(os.environ, env_files=())) as clients:
        jobs = Jobs(clients)
        for number in range(count):
            key, sent = f"large-{number}", time.time()
            document = jobs.accept(WORK, fields, request_id=key)
            print(json.dumps({"id": document["_id"], "key": key, "sent": sent, "answered": time.time()}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
