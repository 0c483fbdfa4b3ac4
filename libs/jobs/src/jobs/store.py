"""The steps of a durable job's life, each one atomic update on the server's clock (`$$NOW`).

A step that no longer fits the job's state changes nothing and says so: that is the whole protocol. What a client or a
person is told of waits for the journal of a majority. Claims, renewals and notifications do not wait: when MongoDB dies
and forgets one, the job is as it was before, a worker takes it again under the same number, and still only one can
finish.

Many jobs are changed in two statements: one finds some by an index, and one changes each by its `_id` where it is still
as it was found. So a statement reads what it changes, whatever the backlog, and needs no other key to be sharded by.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument, WriteConcern
from pymongo.collection import Collection

from common.mongo import Document
from common.owner import EVERYBODY, Owner, owned
from jobs import steps
from jobs.batches import BY_ID, Batches
from jobs.keys import UniqueKeys
from jobs.model import LIVE, OPEN, Claim, JobPolicy, JobState
from jobs.payloads import Payloads

log = logging.getLogger(__name__)

DEFAULT_POLICY = JobPolicy()

# What a message is made from.
_MESSAGE = {"job.name": True, "job.request_id": True}
# What is removed together with a job.
_BELONGINGS = {"key": True, "job.payload": True}
_FAILED = {"job.state": JobState.FAILED}
_ENDED = [state for state in JobState if state not in LIVE]
# Tells that the payload lies in a document of its own.
_SEPARATE = "separate"


@dataclass(frozen=True)
class JobRef:
    """A job without what it is about; `spent` when it is pending and may not be tried again."""

    id: str
    name: str
    request_id: str
    spent: bool = False


class JobStore:
    """The jobs in one collection."""

    def __init__(self, collection: Collection[Document], policy: JobPolicy = DEFAULT_POLICY) -> None:
        self._collection = collection
        self._w1 = collection.with_options(write_concern=WriteConcern(w=1))
        self._batches = Batches(collection)
        self._payloads = Payloads(collection)
        self.keys = UniqueKeys(collection.database)
        self.policy = policy

    @property
    def collection(self) -> str:
        """The collection's name."""
        return self._collection.name

    def insert(self, document: Document, payload: Mapping[str, Any]) -> Document:
        """Insert a document that carries its job, and return it; waits for the journal of a majority.

        `payload` holds the fields that only the work needs. They become fields of the document, or where they are large
        a document of their own that is written before it. Raises pymongo.errors.DuplicateKeyError.
        """
        if self._payloads.put(document["_id"], payload):
            inserted = {**document, "job": {**document["job"], "payload": _SEPARATE}}
        else:
            inserted = {**document, **payload}
        self._collection.insert_one(inserted)
        return inserted

    def get(self, job_id: str) -> Document | None:
        """Return a job's document as it stands, without a payload."""
        return self._collection.find_one({"_id": job_id})

    def claim(self, job_id: str, *, name: str, owner: str, process: str = "") -> Claim | None:
        """Take a job that is pending, or whose worker fell silent; None when there is nothing to do.

        `process` tells which process of the owner works on it, so that its job can be given back when it dies alone. A
        job that waits for its next attempt is not taken early by a message that arrives twice.
        """
        running_out = {"job.state": JobState.RUNNING, "$expr": {"$lte": ["$job.lease_until", "$$NOW"]}}
        waiting = {"job.state": JobState.PENDING, "$expr": steps.MAY_BEGIN}
        may_be_tried = {"$expr": {"$not": steps.spent(self.policy.max_attempts)}}
        document = self._w1.find_one_and_update(
            {"_id": job_id, "job.name": name, **may_be_tried, "$or": [waiting, running_out]},
            steps.claimed(owner, process, self.policy.lease),
            return_document=ReturnDocument.AFTER,
            hint=BY_ID,
        )
        return None if document is None else self._with_payload(document)

    def renew(self, claim: Claim, *, progress: float | None = None) -> bool:
        """Keep the job for another lease, and notes how far it is; False when the claim is void."""
        renewed = steps.renewed(self.policy.lease, progress)
        return self._w1.update_one(steps.held(claim), renewed, hint=BY_ID).matched_count == 1

    def finish(self, claim: Claim, effect: Mapping[str, Any]) -> bool:
        """Write the effect and `done` in one update; False when the claim is void, and nothing was written."""
        done = steps.ended(JobState.DONE, {**effect, "job.progress": 1.0, "job.error": None})
        return self._collection.update_one(steps.held(claim), done, hint=BY_ID).matched_count == 1

    def fail(self, claim: Claim, error: str) -> bool:
        """End the job for good; False when the claim is void."""
        failed = steps.ended(JobState.FAILED, {"job.error": error[: steps.ERROR_LENGTH]})
        return self._collection.update_one(steps.held(claim), failed, hint=BY_ID).matched_count == 1

    def retry(self, claim: Claim, error: str, *, detail: str = "", backoff: float | None = None) -> bool:
        """Give the job back for another attempt, or end it when there is none left; False when the claim is void.

        Clients see the error, operators the detail. `backoff` is in seconds; without it, it grows with the attempts.
        """
        given_back = self._given_back(error, steps.RETRY_BACKOFF if backoff is None else backoff, detail=detail)
        return self._collection.update_one(steps.held(claim), given_back, hint=BY_ID).matched_count == 1

    def cancel(self, job_id: str) -> bool:
        """End a live job; its worker notices when it next renews. False when there was no live job."""
        live = {"_id": job_id, "job.state": {"$in": LIVE}}
        return self._collection.update_one(live, steps.ended(JobState.CANCELLED, {}), hint=BY_ID).modified_count == 1

    def reopen(self, job_id: str) -> bool:
        """Make a failed job pending again, with all attempts before it. False when there was no failed job."""
        return self._collection.update_one({"_id": job_id, **_FAILED}, steps.REOPENED, hint=BY_ID).modified_count == 1

    def reopen_all(self, name: str | None = None) -> int:
        """Make all failed jobs, or those of one name, pending again; return how many jobs that were."""
        return self._batches.change_all(_FAILED if name is None else {**_FAILED, "job.name": name}, steps.REOPENED)

    def remove(self, job_id: str) -> bool:
        """Remove a job that has ended, with its payload and its key. False when there was no ended job."""
        ended = {"_id": job_id, "job.finished_at": {"$exists": True}}
        deleted = self._collection.find_one_and_delete(ended, projection=_BELONGINGS, hint=BY_ID)
        if deleted is not None:
            self._remove_belongings([deleted])
        return deleted is not None

    def purge(self, name: str, older_than: timedelta) -> int:
        """Remove the jobs of a name that ended longer ago than that, as `remove` does; return how many."""
        limit = {"$subtract": ["$$NOW", round(older_than.total_seconds() * 1000)]}
        old = {"job.finished_at": {"$exists": True}, "$expr": {"$lt": ["$job.finished_at", limit]}}
        removed = 0
        for state in _ENDED:
            wanted = {"job.state": state, "job.name": name, **old}
            removed += self._batches.remove_all(wanted, _BELONGINGS, self._remove_belongings)
        return removed

    def recover(self, owner: str) -> int:
        """Give back what this owner had claimed before it was restarted; return how many jobs that were.

        For the start and the end of a worker: it then need not wait for its own leases to run out.
        """
        return self._batches.change_all({"job.owner": owner}, self._given_back("the worker was restarted", 0))

    def abandon(self, job_id: str, owner: str) -> bool:
        """Give back a job whose process died under this owner; False when the owner has it no more.

        The backoff grows with the attempts, as after an error: such a job may be what kills its process.
        """
        mine = {"_id": job_id, "job.state": JobState.RUNNING, "job.owner": owner}
        return self._collection.update_one(mine, self._after_death(), hint=BY_ID).modified_count == 1

    def abandon_process(self, owner: str, process: str) -> int:
        """Give back whatever a process of this owner worked on when it died; return how many jobs that were.

        For a process that took jobs of which its owner had no message. The backoff grows as in `abandon`.
        """
        return self._batches.change_all({"job.owner": owner, "job.process": process}, self._after_death())

    def expire(self) -> int:
        """Give back jobs whose worker fell silent, some at a time; return how many jobs that were."""
        return self._batches.change_some(steps.due(JobState.RUNNING), self._given_back("the worker was lost", 0))

    def due(self, limit: int) -> list[JobRef]:
        """Return the pending jobs that a notification is due for, those that have waited longest first."""
        spent = {"spent": steps.spent(self.policy.max_attempts)}
        jobs = self._collection.find(steps.due(JobState.PENDING), _MESSAGE | spent)
        return [_ref(document) for document in jobs.sort("job.notify_at", ASCENDING).limit(limit).batch_size(limit)]

    def end_spent(self, jobs: Iterable[JobRef]) -> int:
        """End pending jobs that may not be tried again, for fewer attempts are allowed than before."""
        ids = [job.id for job in jobs]
        spent = {"job.state": JobState.PENDING, "$expr": steps.spent(self.policy.max_attempts)}
        return self._batches.change(ids, spent, steps.ended(JobState.FAILED, {}))

    def notify(self, jobs: Sequence[JobRef], by: str) -> list[JobRef]:
        """Put off the next notification of jobs that are due, longer each time; return those to notify now.

        Another sweeper may have found the same jobs at the same time; `by` tells whose they are, so each is one's.
        """
        ids = [job.id for job in jobs]
        changed = self._batches.change(ids, steps.due(JobState.PENDING), steps.notified(by), majority=False)
        if changed in (0, len(ids)):
            return [*jobs] if changed else []
        mine = {"_id": {"$in": ids}, "job.state": JobState.PENDING, "job.notified_by": by}
        taken = {job["_id"] for job in self._collection.find(mine, {"_id": True}, hint=BY_ID)}
        return [job for job in jobs if job.id in taken]

    def notify_failed(self, jobs: Iterable[JobRef]) -> None:
        """Make jobs due again of which no message reached the broker; that notification does not count."""
        ids = [job.id for job in jobs]
        self._batches.change(ids, {"job.state": JobState.PENDING}, steps.UNNOTIFIED, majority=False)

    def ready(self, names: Sequence[str], limit: int) -> list[JobRef]:
        """Return some jobs of these names that may be claimed now, those that have waited longest first.

        Reads no more of them than it answers, however many there are and however many wait for another attempt.
        """
        may_begin = {"job.not_before": {"$exists": True}, "$expr": {"$lte": ["$job.not_before", "$$NOW"]}}
        jobs = self._collection.find({"job.name": {"$in": [*names]}, **may_begin}, _MESSAGE)
        return [_ref(document) for document in jobs.sort("job.not_before", ASCENDING).limit(limit).batch_size(limit)]

    def remove_orphans(self, after: str | None) -> str | None:
        """Remove old payloads without a job behind an id; return where to go on, None at the end."""
        return self._payloads.remove_orphans(after)

    def pending(self, limit: int, owner: Owner = EVERYBODY) -> int:
        """Return how many jobs are pending, all or an owner's; counts in the index, up to the limit.

        An owner's are in one of `listing_indexes()`.
        """
        return self._count(JobState.PENDING, limit, owner)

    def depth(self, limit: int) -> dict[JobState, int]:
        """Return how many jobs are pending, running and failed, each up to a limit: the queue as it really is.

        Reads no document where the collection has its `job_indexes()`.
        """
        return {state: self._count(state, limit) for state in OPEN}

    def _count(self, state: JobState, limit: int, owner: Owner = EVERYBODY) -> int:
        return self._collection.count_documents({**owned(owner), "job.state": state}, limit=limit)

    def _given_back(self, error: str, backoff: Any, *, detail: str = "") -> list[Document]:
        return steps.given_back(error, backoff, self.policy.max_attempts, detail=detail)

    def _after_death(self) -> list[Document]:
        return self._given_back("the process that worked on it died", steps.RETRY_BACKOFF)

    def _with_payload(self, document: Document) -> Claim | None:
        """Return the claim on a job, with its payload wherever that lies; a job whose payload is gone has failed."""
        job = document["job"]
        claim = Claim(id=document["_id"], attempt=job["attempt"], request_id=job["request_id"], document=document)
        if job.get("payload") != _SEPARATE:
            return claim
        if (payload := self._payloads.get(claim.id)) is not None:
            return replace(claim, document={**document, **payload})
        log.error("%s %s has lost its payload.", job["name"], claim.id)
        self.fail(claim, "its payload is gone")
        return None

    def _remove_belongings(self, removed: Sequence[Document]) -> None:
        """After its job, for a job never lacks what belongs to it; who dies in between leaves what does no harm."""
        self._payloads.remove(document["_id"] for document in removed if document.get("job", {}).get("payload"))
        keys = [document["key"] for document in removed if "key" in document]
        self.keys.free(keys, [document["_id"] for document in removed])


def _ref(document: Document) -> JobRef:
    job = document["job"]
    return JobRef(document["_id"], job["name"], job["request_id"], spent=document.get("spent", False))
