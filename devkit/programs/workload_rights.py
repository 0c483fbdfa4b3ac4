"""What the services may do in MongoDB, with the example feature in addition."""

import json
import sys

from admin.features import FEATURES
from admin.rights import declared, rights
from common.mongo import CollectionSpec, merged
from jobs.declared import added_indexes, worked_collections
from testing.example import EXAMPLE


def workload() -> tuple[CollectionSpec, ...]:
    """Return every collection that a service uses."""
    features = [*FEATURES, EXAMPLE]
    return merged([*declared(features), *added_indexes(features), *worked_collections(features)])


if __name__ == "__main__":
    json.dump(rights(workload()), sys.stdout)
