"""Accept a job: what may be written before it, and the one insert that is the promise."""

from collections.abc import Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError

from common.mongo import Document
from jobs.keys import UniqueKey
from jobs.store import JobStore


def accept(
    jobs: JobStore, document: Document, payload: Mapping[str, Any], *, key: UniqueKey | None = None
) -> tuple[Document, bool]:
    """Insert a document that carries its job, and return it with whether it is new.

    For a key that stands for a job already, return that job's document. If there is none, because the process that took
    the key ended before its insert, insert this one under that job's id. Raises KeyConflictError.
    """
    if key is None:
        return jobs.insert(document, payload), True
    while True:
        job_id = jobs.keys.take(key, document["_id"])
        if job_id != document["_id"] and (earlier := jobs.get(job_id)) is not None:
            return earlier, False
        try:
            return jobs.insert({**document, "_id": job_id, "key": key.id}, payload), True
        except DuplicateKeyError:
            # Another request with this key was quicker; its job may even be removed again by now.
            if (earlier := jobs.get(job_id)) is not None:
                return earlier, False


def accepted_before(jobs: JobStore, key: UniqueKey) -> Document | None:
    """Return the document of the job that the key stands for, if there is one. Raises KeyConflictError."""
    job_id = jobs.keys.find(key)
    return None if job_id is None else jobs.get(job_id)
