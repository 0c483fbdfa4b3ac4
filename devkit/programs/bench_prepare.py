"""`python bench_prepare.py COUNT OWNER`: make the indexes of what `invoke bench` uses, and documents to be read.

Every second document is the owner's, the others are nobody's. Prints the id of one of each, as JSON.
"""

import json
import os
import sys

from common.clients import Clients
from common.config import Settings
from common.mongo import Document, apply_indexes
from common.owner import EVERYBODY, Owner, owned
from common.resource import new_id, now
from jobs.declared import all_collections
from testing.example import EXAMPLE
from testing.resource import RESOURCE, RESOURCES

AT_ONCE = 10_000
VALUES = [float(number) for number in range(10)]


def document(owner: Owner) -> Document:
    """Return a resource of an owner, as the product stores it."""
    return {"_id": new_id(), **owned(owner), "title": "Measured", "values": VALUES, "created_at": now()}


def main(count: int, owner: str) -> None:
    """Insert `count` documents."""
    with Clients(Settings.load(os.environ, env_files=())) as clients:
        apply_indexes(clients.database, all_collections([EXAMPLE, RESOURCE]))
        last: list[Document] = []
        for begin in range(0, count, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, count))
            last = [document(owner if number % 2 else EVERYBODY) for number in numbers]
            clients.database[RESOURCES.name].insert_many(last, ordered=False)
    print(json.dumps({"everybody": last[-2]["_id"], "owned": last[-1]["_id"]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
