"""What the services may do in MongoDB, with the example feature and the documents of plain tasks in addition."""

import json
import sys

from bench_contracts import PLAIN
from workload_rights import workload

from admin.rights import rights
from common.access import EVERY, WRITE
from common.mongo import CollectionSpec

if __name__ == "__main__":
    json.dump(rights([*workload(), CollectionSpec(PLAIN.name, access={EVERY: WRITE})]), sys.stdout)
