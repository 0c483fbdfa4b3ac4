"""Keys that clients give their requests, so that a request that comes twice makes one job.

A key is a document whose `_id` is the key itself, so that it needs no other index to be unique. It is written before
its job, and tells the job's id: a process that finds a key without its job inserts the job under that id. The index in
`INDEXES` only removes what has expired; an expired key that still stands counts as none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from common.access import REMOVE, WRITE
from common.mongo import CollectionSpec, Document
from jobs.steps import literal

COLLECTION = "job_keys"
# Seconds in which a request with the same key is answered with the first one's job.
KEEP = 24 * 3600

INDEXES = CollectionSpec(
    COLLECTION,
    [IndexModel([("expires_at", ASCENDING)], name="key_expiry", expireAfterSeconds=0)],
    access={"api": WRITE, "worker": REMOVE},
)

_STANDS: Document = {"$gt": ["$expires_at", "$$NOW"]}


class KeyConflictError(Exception):
    """The key was used for another request, and has not expired since."""


@dataclass(frozen=True)
class UniqueKey:
    """A client's key for what it asks of a feature; `digest` tells one request from another."""

    feature: str
    key: str
    digest: str
    owner: str = ""

    @property
    def id(self) -> Document:
        """Under what it is kept, whatever is asked for."""
        return {"feature": self.feature, "owner": self.owner, "key": self.key}


class UniqueKeys:
    """The keys of one database."""

    def __init__(self, database: Database[Document]) -> None:
        self._keys = database[COLLECTION]

    def take(self, key: UniqueKey, job_id: str) -> str:
        """Return the id of the key's job: the given one if the key was free, and it then stands for that one.

        When it returns, the key is in the journal of a majority. Raises KeyConflictError.
        """
        mine = {"digest": key.digest, "job_id": job_id, "expires_at": datetime.now(UTC) + timedelta(seconds=KEEP)}
        # Who finds it taken is told whose it is, or takes it if it has expired.
        taken = [{"$replaceWith": {"$cond": [_STANDS, "$$ROOT", literal({"_id": key.id, **mine})]}}]
        while True:
            try:
                # Most keys are new, and an insert costs a third of the other.
                self._keys.insert_one({"_id": key.id, **mine})
            except DuplicateKeyError:
                taken_key = self._keys.find_one_and_update({"_id": key.id}, taken, return_document=ReturnDocument.AFTER)
                # Else it was freed in between.
                if taken_key is not None:
                    return _job_id(taken_key, key)
            else:
                return job_id

    def find(self, key: UniqueKey) -> str | None:
        """Return the id of the job that the key stands for. Raises KeyConflictError."""
        document = self._keys.find_one({"_id": key.id, "$expr": _STANDS})
        return None if document is None else _job_id(document, key)

    def free(self, key_ids: Iterable[Document], job_ids: Iterable[str]) -> None:
        """Free the keys of jobs that are gone, unless one stands for another job by now."""
        if ids := list(key_ids):
            self._keys.delete_many({"_id": {"$in": ids}, "job_id": {"$in": list(job_ids)}})


def _job_id(document: Document, key: UniqueKey) -> str:
    if document["digest"] != key.digest:
        raise KeyConflictError(key.key)
    job_id: str = document["job_id"]
    return job_id
