"""The steps of a durable job's life, each one atomic update on the server's clock (`$$NOW`).

A step that no longer fits the job's state changes nothing and says so: that is the whole protocol. What a client or a
person is told of waits for the journal of a majority. Claims, renewals and rings do not wait: when MongoDB dies and
forgets one, the job is as it was before, somebody takes it again under the same number, and still only one can finish.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, ReturnDocument, UpdateOne, WriteConcern
from pymongo.collection import Collection

from common.jobs.model import LIVE, OPEN, Claim, JobPolicy, JobState
from common.mongo import Document

# Seconds until an unheard ring is repeated: 3, 6, 12, 24, 48, 48 ...
RING_PAUSE = 3
RING_PAUSE_MAX = 48
# Seconds until a failed attempt is repeated: 1, 4, 16, 60, 60 ...
RETRY_FACTOR = 4
RETRY_PAUSE_MAX = 60
ERROR_LENGTH = 1000
# Jobs that one statement changes at most.
BATCH = 200
DEFAULT_POLICY = JobPolicy()

# An end is final, so what only a live job needs goes away with it.
FINISHED: list[Document] = [
    {"$unset": ["job.ring_at", "job.lease_until", "job.not_before", "job.owner", "job.process"]}
]

# What a message is made from.
_RING = {"job.name": True, "job.request_id": True}
_FAILED = {"job.state": JobState.FAILED}
# The attempts that count, as an expression: those before a person's retry do not.
_ATTEMPTS: Document = {"$subtract": ["$job.attempt", {"$ifNull": ["$job.forgiven", 0]}]}
# Seconds until the next attempt, as an expression.
_RETRY_PAUSE: Document = {"$min": [{"$pow": [RETRY_FACTOR, {"$subtract": [_ATTEMPTS, 1]}]}, RETRY_PAUSE_MAX]}
# The number of attempts goes on, for it is the fencing token of whoever still works on an earlier one; instead those
# made so far are forgiven. The error stays until the next attempt has another.
REOPENED: list[Document] = [
    {
        "$set": {
            "job.state": JobState.PENDING,
            "job.forgiven": "$job.attempt",
            "job.rings": 0,
            "job.ring_at": "$$NOW",
            "job.not_before": "$$NOW",
            "job.progress": 0.0,
            "job.updated_at": "$$NOW",
        }
    },
    {"$unset": ["job.finished_at"]},
]


@dataclass(frozen=True)
class Ring:
    """A job whose doorbell is to be rung."""

    id: str
    name: str
    request_id: str


class JobStore:
    """The jobs in one collection."""

    def __init__(self, collection: Collection[Document], policy: JobPolicy = DEFAULT_POLICY) -> None:
        self._collection = collection
        self._hasty = collection.with_options(write_concern=WriteConcern(w=1))
        self.policy = policy

    @property
    def collection(self) -> str:
        """The collection's name."""
        return self._collection.name

    def claim(self, job_id: str, *, name: str, owner: str, process: str = "") -> Claim | None:
        """Takes a job that is pending, or whose worker fell silent; None when there is nothing to do.

        `process` tells which process of the owner works on it, so that its job can be given back when it dies alone. A
        job that waits for its next attempt is not taken early by a message that arrives twice.
        """
        running_out = {"job.state": JobState.RUNNING, "$expr": {"$lte": ["$job.lease_until", "$$NOW"]}}
        # A job that was never tried waits for nothing, also when the clock that accepted it is ahead.
        may_begin = {"$or": [{"$eq": ["$job.attempt", 0]}, {"$lte": ["$job.not_before", "$$NOW"]}]}
        waiting = {"job.state": JobState.PENDING, "$expr": may_begin}
        document = self._hasty.find_one_and_update(
            {
                "_id": job_id,
                "job.name": name,
                "$expr": {"$not": self._spent},
                "$or": [waiting, running_out],
            },
            [
                {
                    "$set": {
                        "job.state": JobState.RUNNING,
                        "job.owner": _literal(owner),
                        "job.process": _literal(process),
                        "job.attempt": {"$add": ["$job.attempt", 1]},
                        "job.progress": 0.0,
                        **self._leased(),
                    }
                },
                {"$unset": ["job.not_before"]},
            ],
            return_document=ReturnDocument.AFTER,
        )
        if document is None:
            return None
        job = document["job"]
        return Claim(id=job_id, attempt=job["attempt"], request_id=job["request_id"], document=document)

    def renew(self, claim: Claim, *, progress: float | None = None) -> bool:
        """Keeps the job for another lease, and notes how far it is; False when the claim is void."""
        noted = {} if progress is None else {"job.progress": progress}
        return self._hasty.update_one(_held(claim), [{"$set": {**noted, **self._leased()}}]).matched_count == 1

    def finish(self, claim: Claim, effect: Mapping[str, Any]) -> bool:
        """Writes the effect and `done` in one update; False when the claim is void, and nothing was written."""
        fields = {name: _literal(value) for name, value in effect.items()}
        done = {"job.state": JobState.DONE, "job.progress": 1.0, "job.error": None}
        return self._update(claim, [{"$set": {**fields, **done, **_ended()}}, *FINISHED])

    def fail(self, claim: Claim, error: str) -> bool:
        """Ends the job for good; False when the claim is void."""
        failed = {"job.state": JobState.FAILED, "job.error": _literal(error[:ERROR_LENGTH])}
        return self._update(claim, [{"$set": {**failed, **_ended()}}, *FINISHED])

    def retry(self, claim: Claim, error: str, *, pause: float | None = None) -> bool:
        """Gives the job back for another attempt, or ends it when there is none left; False when the claim is void.

        `pause` is in seconds; without it, it grows with the attempts.
        """
        return self._update(claim, self._given_back(error, _RETRY_PAUSE if pause is None else pause))

    def cancel(self, job_id: str) -> bool:
        """Ends a live job; its worker notices when it next renews. False when there was no live job."""
        cancelled = {"$set": {"job.state": JobState.CANCELLED, **_ended()}}
        result = self._collection.update_one({"_id": job_id, "job.state": {"$in": LIVE}}, [cancelled, *FINISHED])
        return result.modified_count == 1

    def reopen(self, job_id: str) -> bool:
        """Makes a failed job pending again, with all attempts before it. False when there was no failed job."""
        return self._collection.update_one({"_id": job_id, **_FAILED}, REOPENED).modified_count == 1

    def reopen_all(self, name: str | None = None) -> int:
        """Makes all failed jobs, or those of one name, pending again; answers how many jobs that were."""
        named = {} if name is None else {"job.name": name}
        return self._collection.update_many({**_FAILED, **named}, REOPENED).modified_count

    def recover(self, owner: str) -> int:
        """Gives back what this owner had claimed before it was restarted; answers how many jobs that were.

        For the start and the end of a worker: it then need not wait for its own leases to run out.
        """
        return self._give_back({"job.owner": owner}, self._given_back("the worker was restarted", 0))

    def abandon(self, job_id: str, owner: str) -> bool:
        """Gives back a job whose process died under this owner; False when the owner has it no more.

        The pause grows with the attempts, as after an error: such a job may be what kills its process.
        """
        mine = {"_id": job_id, "job.state": JobState.RUNNING, "job.owner": owner}
        return self._collection.update_one(mine, self._after_death()).modified_count == 1

    def abandon_process(self, owner: str, process: str) -> int:
        """Gives back whatever a process of this owner worked on when it died; answers how many jobs that were.

        For a process that took jobs of which its owner had no message. The pause grows as in `abandon`.
        """
        return self._give_back({"job.owner": owner, "job.process": process}, self._after_death())

    def expire(self) -> int:
        """Gives back every job whose worker fell silent; answers how many jobs that were.

        Ends what may not be tried again, which a pending job can come to when fewer attempts are allowed than before.
        """
        spent = {"job.ring_at": {"$exists": True}, "$expr": {"$and": [_is_due(), self._spent]}}
        spent |= {"job.state": JobState.PENDING}
        self._collection.update_many(spent, [{"$set": {"job.state": JobState.FAILED, **_ended()}}, *FINISHED])
        silent = {**_due(), "job.state": JobState.RUNNING}
        return self._collection.update_many(silent, self._given_back("the worker was lost", 0)).modified_count

    def next_ring(self) -> Ring | None:
        """Takes the pending job that has waited longest for a ring; its next one is put off, longer each time."""
        exponent = {"$min": ["$job.rings", 10]}
        pause = {"$min": [RING_PAUSE_MAX, {"$multiply": [RING_PAUSE, {"$pow": [2, exponent]}]}]}
        document = self._hasty.find_one_and_update(
            {**_due(), "job.state": JobState.PENDING},
            [{"$set": {"job.ring_at": _seconds_from_now(pause), "job.rings": {"$add": ["$job.rings", 1]}}}],
            projection=_RING,
            sort=[("job.ring_at", ASCENDING)],
        )
        return None if document is None else _ring(document)

    def ring_failed(self, ring: Ring) -> None:
        """Makes a job due again whose ring did not reach the broker; that ring does not count."""
        again = {"$set": {"job.ring_at": "$$NOW", "job.rings": {"$max": [0, {"$subtract": ["$job.rings", 1]}]}}}
        self._hasty.update_one({"_id": ring.id, "job.state": JobState.PENDING}, [again])

    def ready(self, names: Sequence[str], limit: int) -> list[Ring]:
        """Some jobs of these names that may be claimed now, those that have waited longest first.

        Reads no more of them than it answers, however many there are and however many wait for another attempt.
        """
        found = self._collection.find(
            {
                "job.name": {"$in": [*names]},
                "job.not_before": {"$exists": True},
                "$expr": {"$lte": ["$job.not_before", "$$NOW"]},
            },
            _RING,
        )
        return [_ring(document) for document in found.sort("job.not_before", ASCENDING).limit(limit)]

    def pending(self, limit: int) -> int:
        """How many jobs are pending; counts in the index, up to the limit."""
        return self._collection.count_documents({"job.state": JobState.PENDING}, limit=limit)

    def depth(self) -> dict[JobState, int]:
        """How many jobs are pending, running and failed: the queue as it really is, whatever the broker knows.

        Reads no document where the collection has its `job_indexes()`.
        """
        return {state: self._collection.count_documents({"job.state": state}) for state in OPEN}

    @property
    def _spent(self) -> Document:
        """Whether the attempts are used up, as an expression."""
        return {"$gte": [_ATTEMPTS, self.policy.max_attempts]}

    def _update(self, claim: Claim, pipeline: list[Document]) -> bool:
        return self._collection.update_one(_held(claim), pipeline).matched_count == 1

    def _give_back(self, held: Document, given_back: list[Document]) -> int:
        """Finds the running jobs of an owner by the index of owners, and changes each by its id."""
        total = changed = BATCH
        while changed == BATCH:
            ids = [each["_id"] for each in self._collection.find(held, {"_id": True}).limit(BATCH)]
            changes = [UpdateOne({"_id": job_id, "job.state": JobState.RUNNING, **held}, given_back) for job_id in ids]
            changed = self._collection.bulk_write(changes, ordered=False).modified_count if changes else 0
            total += changed
        return total - BATCH

    def _after_death(self) -> list[Document]:
        return self._given_back("the process that worked on it died", _RETRY_PAUSE)

    def _leased(self) -> Document:
        until = _seconds_from_now(self.policy.lease)
        return {"job.lease_until": until, "job.ring_at": until, "job.updated_at": "$$NOW"}

    def _given_back(self, error: str, pause: Any) -> list[Document]:
        spent = self._spent
        again = _seconds_from_now(pause)
        return [
            {
                "$set": {
                    "job.state": {"$cond": [spent, JobState.FAILED, JobState.PENDING]},
                    "job.error": _literal(error[:ERROR_LENGTH]),
                    "job.ring_at": {"$cond": [spent, "$$REMOVE", again]},
                    "job.not_before": {"$cond": [spent, "$$REMOVE", again]},
                    "job.finished_at": {"$cond": [spent, "$$NOW", "$$REMOVE"]},
                    "job.rings": 0,
                    "job.updated_at": "$$NOW",
                }
            },
            {"$unset": ["job.lease_until", "job.owner", "job.process"]},
        ]


def _ring(document: Document) -> Ring:
    job = document["job"]
    return Ring(id=document["_id"], name=job["name"], request_id=job["request_id"])


def _held(claim: Claim) -> Document:
    return {"_id": claim.id, "job.state": JobState.RUNNING, "job.attempt": claim.attempt}


def _due() -> Document:
    return {"job.ring_at": {"$exists": True}, "$expr": _is_due()}


def _is_due() -> Document:
    return {"$lte": ["$job.ring_at", "$$NOW"]}


def _ended() -> Document:
    return {"job.finished_at": "$$NOW", "job.updated_at": "$$NOW"}


def _seconds_from_now(seconds: Any) -> Document:
    """The server's time plus a number of seconds, or plus what an expression gives."""
    return {"$add": ["$$NOW", {"$multiply": [seconds, 1000]}]}


def _literal(value: Any) -> Document:
    """A value that is data: a text that begins with `$` would else be read as an expression."""
    return {"$literal": value}
