"""Durable jobs: the keys that clients gave their requests go with them.

Such a key is unique for its owner. Without this step, a request that its new owner sends again would make a second job.
"""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection

from admin.extensions import jobs
from common.mongo import Document, insert_missing
from jobs.keys import COLLECTION, UniqueKeys
from jobs.steps import literal

COLLECTIONS = jobs.COLLECTIONS
_UNOWNED: Document = {"owner": {"$exists": False}}


def give(collection: Collection[Document], ids: Sequence[Any], owner: str) -> int:
    """Give jobs and their keys to an owner, and return how many jobs these were.

    The new keys are written first and the old ones removed last: whenever it ends, a job has at least one key, and what
    is left of the old ones expires. A key that the owner has used already stays that of its own job.
    """
    some = {"_id": {"$in": [*ids]}, **_UNOWNED}
    old = [job["key"] for job in collection.find({**some, "key.owner": ""}, {"key": True})]
    _copy(collection.database[COLLECTION], old, owner)
    changed = collection.update_many(some, _owned(owner), hint="_id_").modified_count
    UniqueKeys(collection.database).free(old, ids)
    return changed


def _copy(keys: Collection[Document], key_ids: Sequence[Document], owner: str) -> None:
    found = keys.find({"_id": {"$in": [*key_ids]}})
    if copies := [{**key, "_id": {**key["_id"], "owner": owner}} for key in found]:
        insert_missing(keys, copies)


def _owned(owner: str) -> list[Document]:
    """Return the change of a job: its owner, and that of its key where it has one."""
    has_key = {"$eq": [{"$type": "$key"}, "object"]}
    key = {"$mergeObjects": ["$key", {"owner": literal(owner)}]}
    return [{"$set": {"owner": literal(owner), "key": {"$cond": [has_key, key, "$$REMOVE"]}}}]
