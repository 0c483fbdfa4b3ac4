"""MongoDB: a client that never waits for ever and never forgets, and indexes that are declared, applied and checked."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import IndexModel, MongoClient, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from common import tls
from common.access import Access, joined
from common.config import Settings
from common.distrust import Distrust

Document = dict[str, Any]


def connect(settings: Settings, *, task: str = "") -> MongoClient[Document]:
    """Return a client that connects on first use. It belongs to the process that made it: pymongo is not fork-safe.

    A write is answered when a majority has it in its journal (measured: with `w=1`, one killed server forgot 2 % of
    the writes it had acknowledged). `timeoutMS` bounds a whole operation, retries and server selection included, so a
    frozen server costs a caller seconds, not minutes. A long `task` of a person, such as a backup, is not bounded, and
    its connections bear its name and a number beside the product's name.
    """
    limit = round(settings.mongo_timeout * 1000)
    name = application_name(settings)
    return MongoClient(
        settings.mongo_address,
        w="majority",
        journal=True,
        retryWrites=True,
        retryReads=True,
        timeoutMS=None if task else limit,
        serverSelectionTimeoutMS=min(3000, limit),
        connectTimeoutMS=min(3000, limit),
        appname=f"{name} {task} {secrets.token_hex(4)}" if task else name,
        tz_aware=True,
        connect=False,
        event_listeners=[Distrust()],
        **tls.mongo(settings),
    )


def application_name(settings: Settings) -> str:
    """Return what the product's connections are called in MongoDB's lists and logs."""
    return f"{settings.project} on {settings.mongo_database}"


def insert_missing(collection: Collection[Document], documents: Iterable[Document]) -> int:
    """Insert the documents whose `_id` is not there yet, leave the others as they are, and return how many were new."""
    inserts = [UpdateOne({"_id": each["_id"]}, {"$setOnInsert": each}, upsert=True) for each in documents]
    return collection.bulk_write(inserts, ordered=False).upserted_count


@dataclass(frozen=True)
class CollectionSpec:
    """A collection, the indexes that it needs, each with its name, and what which service does with its documents.

    Of a feature's collection that names no service, the API does everything with documents.
    """

    name: str
    indexes: Sequence[IndexModel] = ()
    access: Access = field(default_factory=dict)


def merged(collections: Iterable[CollectionSpec]) -> tuple[CollectionSpec, ...]:
    """Return each collection once, with what all its declarations name; the order is that of the first ones."""
    found: dict[str, list[CollectionSpec]] = {}
    for collection in collections:
        found.setdefault(collection.name, []).append(collection)
    return tuple(
        CollectionSpec(name, [index for each in own for index in each.indexes], joined([each.access for each in own]))
        for name, own in found.items()
    )


def apply_indexes(database: Database[Document], declared: Iterable[CollectionSpec]) -> list[str]:
    """Create the indexes that are missing and return the names of all; drop nothing.

    Raises pymongo.errors.OperationFailure when an index of that name exists with other keys or options.
    """
    return [
        f"{collection.name}.{name}"
        for collection in declared
        if collection.indexes
        for name in database[collection.name].create_indexes([*collection.indexes])
    ]


def index_drift(database: Database[Document], declared: Iterable[CollectionSpec]) -> list[str]:
    """Return what differs between the declarations and the database, one sentence each; empty when nothing does."""
    return [line for collection in declared for line in _drift(database, collection)]


def _drift(database: Database[Document], collection: CollectionSpec) -> list[str]:
    existing = database[collection.name].index_information()
    wanted = {model.document["name"]: _shape(model.document) for model in collection.indexes}
    lines = [f"{collection.name}.{name} is missing" for name in wanted if name not in existing]
    for name, information in existing.items():
        if name == "_id_":
            continue
        if name not in wanted:
            lines.append(f"{collection.name}.{name} is not declared")
        elif _shape(information) != wanted[name]:
            lines.append(f"{collection.name}.{name} differs from its declaration")
    return lines


def _shape(information: Any) -> Document:
    keys = information["key"]
    pairs = list(keys.items()) if hasattr(keys, "items") else list(keys)
    options = {key: value for key, value in dict(information).items() if key not in {"key", "v", "ns", "name"}}
    return {"key": pairs, **options}
