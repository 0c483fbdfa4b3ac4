"""What a durable job is: its states, its kind, the field it lives in, and what its work may raise."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from common.config import Settings
from common.extensions.queue.settings import QueueSettings
from common.mongo import Document
from common.owner import owner_index
from common.queue.contract import Contract, JobPayload
from common.resource import now

# Seconds that the first notification has to reach a worker, before a sweeper looks at a new job.
FIRST_NOTIFICATION = 3


class JobState(StrEnum):
    """`pending` and `running` are live; the other three are the ends."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = (JobState.PENDING, JobState.RUNNING)
# Jobs that need a worker or an operator.
OPEN = (*LIVE, JobState.FAILED)


@dataclass(frozen=True)
class JobKind:
    """One kind of durable job: the name of its task, `<feature>.<what it does>`, and the collection of its documents.

    `payload` names the fields that only the work needs: they are shown to no client, and kept apart where they are
    large.
    """

    name: str
    collection: str
    payload: tuple[str, ...] = ()

    @property
    def feature(self) -> str:
        """The name of the feature that the kind belongs to."""
        return self.name.partition(".")[0]

    @property
    def contract(self) -> Contract[JobPayload]:
        """The message that notifies workers of a job of this kind."""
        return Contract(self.name, JobPayload)


@dataclass(frozen=True)
class JobPolicy:
    """How long a silent worker keeps a job, in seconds, and how often a job is tried."""

    lease: float = 30
    max_attempts: int = 5

    @classmethod
    def of(cls, settings: Settings) -> "JobPolicy":
        """Return the policy that the settings give."""
        queue = settings.section(QueueSettings)
        return cls(lease=queue.job_lease, max_attempts=queue.job_max_attempts)


@dataclass(frozen=True)
class Claim:
    """A worker's right to one attempt. The attempt's number is the fencing token: a later claim makes it void."""

    id: str
    attempt: int
    request_id: str
    document: Document


class PermanentError(Exception):
    """The work cannot succeed, however often it is tried; the job fails at once with this message."""


class ClaimLostError(Exception):
    """The job was cancelled or given to another worker; stop, for the result would be discarded."""


def new_job(kind: JobKind, *, request_id: str, notify_after: float = FIRST_NOTIFICATION) -> dict[str, Any]:
    """Return the `job` field of a document to insert.

    `notify_at` exists as long as the job lives: sweepers look for it. `not_before` exists as long as it is pending: who
    looks for something to claim looks for it.
    """
    created_at = now()
    return {
        "name": kind.name,
        "state": JobState.PENDING,
        "attempt": 0,
        "notifications": 0,
        "notify_at": created_at + timedelta(seconds=notify_after),
        "not_before": created_at,
        "progress": 0.0,
        "error": None,
        "request_id": request_id,
        "created_at": created_at,
        "updated_at": created_at,
    }


def job_indexes() -> list[IndexModel]:
    """Return the indexes that a collection of durable jobs needs.

    Each is partial and holds a job for a part of its life only. By them every recurring statement reads as many entries
    as it changes: the due and the silent jobs, those that may be claimed now, those of one owner, the counts of open
    ones, and those that ended long ago. A partial index of several values by `$in` needs MongoDB 6; by their names the
    open states are the last ones.
    """
    return [
        _while_it_has("job.notify_at", [("job.state", ASCENDING), ("job.notify_at", ASCENDING)], "job_state_due"),
        _while_it_has("job.not_before", [("job.name", ASCENDING), ("job.not_before", ASCENDING)], "job_ready"),
        _while_it_has("job.owner", [("job.owner", ASCENDING), ("job.process", ASCENDING)], "job_owner"),
        _while_it_has(
            "job.finished_at",
            [("job.state", ASCENDING), ("job.name", ASCENDING), ("job.finished_at", ASCENDING)],
            "job_ended",
        ),
        IndexModel(
            [("job.state", ASCENDING), ("job.name", ASCENDING), ("job.created_at", ASCENDING)],
            name="job_open",
            partialFilterExpression={"job.state": {"$gte": min(OPEN)}},
        ),
    ]


def listing_indexes() -> list[IndexModel]:
    """Return the indexes that a collection needs whose jobs are listed, all of them or an owner's, also by state."""
    by_state = IndexModel([("job.state", ASCENDING), ("_id", DESCENDING)], name="job_listing")
    return [by_state, owner_index(), owner_index("job.state")]


def _while_it_has(field: str, keys: list[tuple[str, int]], name: str) -> IndexModel:
    return IndexModel(keys, name=name, partialFilterExpression={field: {"$exists": True}})
