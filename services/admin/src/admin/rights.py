"""What the services do with which collection, computed from what features and plumbing declare of themselves.

`python -m admin.rights` prints it as JSON, for what sets up the accounts of the services in MongoDB.
"""

import json
import sys
from collections.abc import Iterable

from admin import extensions
from admin.features import FEATURES
from common import backup_record, migration
from common.access import EVERY, WRITE, joined
from common.discovery import modules_of
from common.feature import Feature
from common.mongo import CollectionSpec, merged

API = "api"
# The actions that a service may do, by collection.
Rights = dict[str, dict[str, list[str]]]


def declared(features: Iterable[Feature] = FEATURES) -> tuple[CollectionSpec, ...]:
    """Return every collection that a service uses."""
    added = modules_of(extensions)
    return merged(
        [
            migration.RECORDS,
            backup_record.RECORDS,
            *(collection for module in added for collection in module.INDEXES),
            *(collection for module in added for collection in getattr(module, "ACCESS", ())),
            *(_of_feature(collection) for feature in features for collection in feature.collections),
        ]
    )


def rights(collections: Iterable[CollectionSpec]) -> Rights:
    """Return what each service may do, by the names of the services."""
    collections = list(collections)
    services = sorted({API, *(name for each in collections for name in each.access)} - {EVERY})
    return {service: dict(_of_service(service, collections)) for service in services}


def _of_feature(collection: CollectionSpec) -> CollectionSpec:
    return collection if collection.access else CollectionSpec(collection.name, access={API: WRITE})


def _of_service(service: str, collections: Iterable[CollectionSpec]) -> Iterable[tuple[str, list[str]]]:
    for collection in collections:
        own = joined([{service: collection.access.get(name, ())} for name in (service, EVERY)])
        if own[service]:
            yield collection.name, [*own[service]]


if __name__ == "__main__":
    json.dump(rights(declared()), sys.stdout)
