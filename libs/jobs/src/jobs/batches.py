"""Change many documents in two statements at a time: one finds some by an index, one changes each by its `_id`.

Each is changed only where it is still as it was found, so any number of processes may do the same at once.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pymongo import WriteConcern
from pymongo.collection import Collection

from common.mongo import Document

# Documents that one statement changes at most.
BATCH = 200

# Which index finds documents by their ids; told, for a condition beside the ids would have the server try others too.
BY_ID = "_id_"

# Operators, or the stages of a pipeline.
Update = Document | list[Document]


class Batches:
    """Finds and changes documents of one collection."""

    def __init__(self, collection: Collection[Document]) -> None:
        self._collection = collection
        self._w1 = collection.with_options(write_concern=WriteConcern(w=1))

    def change(self, ids: Sequence[Any], condition: Document, update: Update, *, majority: bool = True) -> int:
        """Change the documents of these ids that still fulfil the condition; return how many those were.

        Without `majority` it does not wait for the journal of a majority.
        """
        if not ids:
            return 0
        collection = self._collection if majority else self._w1
        return collection.update_many({"_id": {"$in": [*ids]}, **condition}, update, hint=BY_ID).modified_count

    def change_some(self, condition: Document, update: Update) -> int:
        """Find a batch and change it; return how many were changed."""
        documents = self._collection.find(condition, {"_id": True}).limit(BATCH).batch_size(BATCH)
        return self.change([document["_id"] for document in documents], condition, update)

    def change_all(self, condition: Document, update: Update) -> int:
        """Change batch after batch until none is left; a changed document must not fulfil the condition any more."""
        return _sum_until_none(lambda: self.change_some(condition, update))

    def remove_all(self, condition: Document, shown: Document, gone: Callable[[list[Document]], None]) -> int:
        """Remove batch after batch, and pass the shown fields of each to `gone`; return how many were removed."""
        return _sum_until_none(lambda: self._remove_some(condition, shown, gone))

    def _remove_some(self, condition: Document, shown: Document, gone: Callable[[list[Document]], None]) -> int:
        documents = list(self._collection.find(condition, shown).limit(BATCH).batch_size(BATCH))
        ids = [document["_id"] for document in documents]
        if not ids:
            return 0
        removed = self._collection.delete_many({"_id": {"$in": ids}, **condition}, hint=BY_ID).deleted_count
        if removed < len(documents):
            # Another process changed or removed one of them meanwhile; what still stands keeps what belongs to it.
            still = {document["_id"] for document in self._collection.find({"_id": {"$in": ids}}, {"_id": True})}
            documents = [document for document in documents if document["_id"] not in still]
        gone(documents)
        return removed


def _sum_until_none(step: Callable[[], int]) -> int:
    total = 0
    while changed := step():
        total += changed
    return total
