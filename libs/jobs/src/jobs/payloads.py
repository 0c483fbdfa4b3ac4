"""What large jobs are about, beside their documents: each claim, renewal and end rewrites a job's whole document.

A payload of more than 16 KiB lies under its job's id in a collection of its own. It is written before the job, so a
job never lacks it. Who dies in between leaves a payload without a job, which is removed an hour later. It has no other
lifetime: a job may wait or have failed for weeks, and needs its payload when it is tried again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING
from pymongo.collection import Collection

from common.access import REMOVE, WRITE
from common.mongo import CollectionSpec, Document

LARGE = 16 * 1024
# Milliseconds after which a payload without a job is an orphan.
ORPHANED = 3_600_000
# Payloads that one step of the search for orphans looks at.
STEP = 200


def collection(jobs: str) -> CollectionSpec:
    """Return where the large payloads of the jobs in a collection are."""
    return CollectionSpec(f"{jobs}.payloads", access={"api": WRITE, "worker": REMOVE})


class Payloads:
    """The large payloads of the jobs in one collection."""

    def __init__(self, jobs: Collection[Document]) -> None:
        self._jobs = jobs
        self._payloads = jobs.database[collection(jobs.name).name]

    def put(self, job_id: str, payload: Mapping[str, Any]) -> bool:
        """Write a payload that is large, and wait for the journal of a majority; False, and nothing, for another.

        The same one may be written twice, by two who accept the same job.
        """
        encoded = bson.encode(payload)
        if len(encoded) <= LARGE:
            return False
        # An update, for the age of an orphan is told by the server's clock.
        written = {"$set": {"payload": RawBSONDocument(encoded)}, "$currentDate": {"at": True}}
        self._payloads.update_one({"_id": job_id}, written, upsert=True)
        return True

    def get(self, job_id: str) -> Document | None:
        """Return a payload that was written."""
        document = self._payloads.find_one({"_id": job_id}, {"payload": True})
        return None if document is None else document["payload"]

    def remove(self, job_ids: Iterable[str]) -> None:
        """Remove the payloads of jobs that are gone."""
        if ids := list(job_ids):
            self._payloads.delete_many({"_id": {"$in": ids}})

    def remove_orphans(self, after: str | None) -> str | None:
        """Remove old payloads without a job, among the next ones behind an id; return the last id, None at the end.

        Reads ids from two indexes, and no payload but those that it removes.
        """
        ids = self._next(after)
        if not ids:
            return None
        kept = {
            job["_id"] for job in self._jobs.find({"_id": {"$in": ids}}, {"_id": True}).limit(STEP).batch_size(STEP)
        }
        if orphans := [job_id for job_id in ids if job_id not in kept]:
            old = {"$lte": ["$at", {"$subtract": ["$$NOW", ORPHANED]}]}
            self._payloads.delete_many({"_id": {"$in": orphans}, "$expr": old})
        return ids[-1] if len(ids) == STEP else None

    def _next(self, after: str | None) -> list[str]:
        behind = {} if after is None else {"_id": {"$gt": after}}
        payloads = self._payloads.find(behind, {"_id": True}).sort("_id", ASCENDING)
        return [payload["_id"] for payload in payloads.limit(STEP).batch_size(STEP)]
