"""Accepts a job: what may be written before it, and the one insert that is the promise."""

from collections.abc import Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError

from common.mongo import Document
from jobs.keys import UniqueKey
from jobs.store import JobStore


def accept(
    jobs: JobStore, document: Document, payload: Mapping[str, Any], *, key: UniqueKey | None = None
) -> tuple[Document, bool]:
    """Inserts a document that carries its job, and answers it with whether it is new.

    Under a key that stands for a job already, that job's document is answered; if there is none, for whoever took the
    key died before he inserted it, this one is inserted under that job's id. Raises KeyConflictError.
    """
    if key is None:
        return jobs.insert(document, payload), True
    while True:
        job_id = jobs.keys.take(key, document["_id"])
        if job_id != document["_id"] and (found := jobs.get(job_id)) is not None:
            return found, False
        try:
            return jobs.insert({**document, "_id": job_id, "key": key.id}, payload), True
        except DuplicateKeyError:
            # Another one with this key was quicker; what he inserted may even be gone again.
            if (found := jobs.get(job_id)) is not None:
                return found, False


def accepted_before(jobs: JobStore, key: UniqueKey) -> Document | None:
    """The document of the job that the key stands for, if there is one. Raises KeyConflictError."""
    job_id = jobs.keys.find(key)
    return None if job_id is None else jobs.get(job_id)
