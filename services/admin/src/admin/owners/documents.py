"""Give the documents of a collection that have no owner to one, batch after batch.

Each batch is whole or not begun, and a document that has an owner is not changed, so it may be interrupted and run
again, also twice at once.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection

from admin.collections import INDEXES
from admin.owners import collections
from common.discovery import modules_of
from common.mongo import CollectionSpec, Document

# Documents that one statement changes at most.
BATCH = 500
UNOWNED: Document = {"owner": {"$exists": False}}

# Gives the documents of these ids that have no owner to one, and returns how many these were.
Give = Callable[[Collection[Document], Sequence[Any], str], int]


def owned_collections() -> list[str]:
    """Return the names of the collections of which an owner's documents are listed."""
    return [spec.name for spec in INDEXES if _lists_by_owner(spec)]


def count(collection: Collection[Document]) -> int:
    """Return how many documents have no owner. It reads all of them."""
    return collection.count_documents(UNOWNED)


def give_all(collection: Collection[Document], owner: str) -> Iterator[int]:
    """Give all that have no owner to one; yield after each batch how many it changed.

    The collection is walked once, by ids: no index holds those without an owner.
    """
    give = _GIVE.get(collection.name, give_field)
    found = collection.find(UNOWNED, {"_id": True}, batch_size=BATCH).sort("_id", ASCENDING).hint("_id_")
    with found:
        while ids := [document["_id"] for document in islice(found, BATCH)]:
            yield give(collection, ids, owner)


def give_field(collection: Collection[Document], ids: Sequence[Any], owner: str) -> int:
    """Write the owner into documents that have none."""
    update = {"$set": {"owner": owner}}
    return collection.update_many({"_id": {"$in": [*ids]}, **UNOWNED}, update, hint="_id_").modified_count


def _lists_by_owner(spec: CollectionSpec) -> bool:
    return any(next(iter(index.document["key"])) == "owner" for index in spec.indexes)


_GIVE: dict[str, Give] = {name: module.give for module in modules_of(collections) for name in module.COLLECTIONS}
