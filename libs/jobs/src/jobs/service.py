"""What features do with durable jobs: accept, look at, list, cancel or delete, and retry them.

A document is returned as it stands, without its payload. Every method raises PyMongoError when MongoDB is away.
"""

import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol, Self

from pymongo.database import Database

from common.config import Settings
from common.extensions.queue.settings import QueueSettings
from common.mongo import Document
from common.owner import EVERYBODY, Owner, owned
from common.paging import Page, Pages
from common.queue.publisher import Publisher
from common.resource import NotFoundError, new_id
from jobs.accept import accept, accepted_before
from jobs.backlog import Backlog, BacklogFullError
from jobs.keys import UniqueKey
from jobs.model import JobKind, JobState, new_job
from jobs.notify import notify
from jobs.resource import JobQuery
from jobs.store import JobStore


class WrongStateError(Exception):
    """The job is not in a state that allows the step."""

    def __init__(self, resource: str, state: JobState) -> None:
        self.resource, self.state = resource, state
        super().__init__(f"The {resource} is {state}; only a failed one can be tried again.")


class Connections(Protocol):
    """What durable jobs need of the clients of a process; `common.queue.clients.QueueClients` are such."""

    @property
    def settings(self) -> Settings:
        """The settings of the process."""

    @property
    def database(self) -> Database[Document]:
        """The product's database."""

    @property
    def publisher(self) -> Publisher:
        """What sends messages off the request path."""


class Jobs:
    """The durable jobs of one process, over its clients.

    Does not import the clients: a feature imports this, and must not load Celery by it.
    """

    def __init__(self, clients: Connections) -> None:
        self._clients = clients
        queue = clients.settings.section(QueueSettings)
        self._backlog = Backlog(queue.job_max_pending)
        self._share = Backlog(queue.job_max_pending_per_owner)
        self._pages = Pages(clients.settings.secret_key.get_secret_value())
        self._owner = EVERYBODY

    def of(self, owner: Owner) -> Self:
        """Return the jobs of one owner: those of others are not there, and what is accepted is that owner's."""
        jobs = copy.copy(self)
        jobs._owner = owner  # noqa: SLF001 - its own class makes it
        return jobs

    @property
    def database(self) -> Database[Document]:
        """Where they are kept."""
        return self._clients.database

    def accept(self, kind: JobKind, fields: Mapping[str, Any], *, key: str | None = None, request_id: str) -> Document:
        """Accept a job whose document has these fields, and notify the workers of it.

        When it returns, the job is in the journal of a majority. The same key and fields return the job that was
        accepted first. Raises KeyConflictError when the key stands for other fields, and BacklogFullError.
        """
        store = self._store(kind)
        unique = None if key is None else UniqueKey(kind.feature, key, _digest(fields), self._owner or "")
        if refusal := self._refusal(store):
            return self._accepted_before(store, unique, refusal)
        payload = {name: fields[name] for name in kind.payload}
        shown = {name: value for name, value in fields.items() if name not in payload}
        new = {"_id": new_id(), **owned(self._owner), **shown, "job": new_job(kind, request_id=request_id)}
        document, is_new = accept(store, new, payload, key=unique)
        if is_new:
            notify(self._clients.publisher, kind, document["_id"], request_id=request_id)
        return document

    def get(self, kind: JobKind, job_id: str) -> Document:
        """Return one job. Raises NotFoundError."""
        hidden = dict.fromkeys(kind.payload, False) or None
        document = self._clients.database[kind.collection].find_one({"_id": job_id, **owned(self._owner)}, hidden)
        if document is None:
            raise NotFoundError(kind.feature)
        return document

    def page(self, kind: JobKind, query: JobQuery) -> Page[Document]:
        """Return a page of the jobs in the collection of a kind, the newest first. Raises ForeignCursorError."""
        where = owned(self._owner) | ({} if query.status is None else {"job.state": query.status})
        return self._pages.find(self._clients.database[kind.collection], query, where=where, hidden=kind.payload)

    def cancel_or_delete(self, kind: JobKind, job_id: str) -> None:
        """Cancel a job that has not ended, which stays to be seen as `cancelled`; remove one that has.

        Raises NotFoundError.
        """
        self._need_own(kind, job_id)
        store = self._store(kind)
        while not (store.cancel(job_id) or store.remove(job_id)):
            # There is no such job, or it was retried between the two steps.
            self.get(kind, job_id)

    def retry(self, kind: JobKind, job_id: str, *, request_id: str) -> Document:
        """Make a failed job pending again, and notify the workers of it. Raises NotFoundError and WrongStateError."""
        self._need_own(kind, job_id)
        is_reopened = self._store(kind).reopen(job_id)
        document = self.get(kind, job_id)
        if not is_reopened:
            raise WrongStateError(kind.feature, document["job"]["state"])
        notify(self._clients.publisher, kind, job_id, request_id=request_id)
        return document

    def _need_own(self, kind: JobKind, job_id: str) -> None:
        """Raise NotFoundError for a job of another owner; whose a job is never changes."""
        if self._owner is not EVERYBODY:
            self.get(kind, job_id)

    def _refusal(self, store: JobStore) -> str:
        """Return why no more jobs are accepted there, of anybody or of this owner; empty when they are."""
        if self._backlog.is_full(store):
            return f"{self._backlog.limit} jobs wait already. Nothing was accepted."
        if self._owner is not EVERYBODY and self._share.is_full(store, self._owner):
            return f"{self._share.limit} jobs of yours wait already. Nothing was accepted."
        return ""

    def _accepted_before(self, store: JobStore, key: UniqueKey | None, refusal: str) -> Document:
        """Return what was accepted for a key, however many jobs are pending by now. Raises BacklogFullError."""
        document = None if key is None else accepted_before(store, key)
        if document is None:
            raise BacklogFullError(refusal)
        return document

    def _store(self, kind: JobKind) -> JobStore:
        return JobStore(self._clients.database[kind.collection])


def _digest(fields: Mapping[str, Any]) -> str:
    """Return what tells these fields from others."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode()).hexdigest()
