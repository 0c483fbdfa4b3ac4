"""Accept jobs by the product's own code, without HTTP; print each accepted one as a line of JSON.

`python accept_jobs.py COUNT VALUES [OWNER]`, with the settings in the environment. Faults run it.
"""

import json
import os
import sys
import time

from common.config import Settings
from common.owner import EVERYBODY, Owner
from common.queue.clients import QueueClients
from jobs.service import Jobs
from testing.example import WORK


def main(count: int, size: int, owner: Owner) -> None:
    """Accept `count` jobs of `size` values each, for an owner."""
    fields = {"title": "Chaos", "values": [number / 1000 for number in range(size)]}
    with QueueClients(Settings.load(os.environ, env_files=())) as clients:
        jobs = Jobs(clients).of(owner)
        for number in range(count):
            key, sent = f"direct-{number}", time.time()
            document = jobs.accept(WORK, fields, request_id=key)
            print(json.dumps({"id": document["_id"], "key": key, "sent": sent, "answered": time.time()}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else EVERYBODY)
