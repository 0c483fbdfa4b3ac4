"""What the steps of a job's life write, as update operators and pipelines; times are the server's (`$$NOW`)."""

from collections.abc import Mapping
from typing import Any

from common.mongo import Document
from jobs.model import Claim, JobState

# Seconds until a notification that had no effect is repeated: 3, 6, 12, 24, 48, 48 ...
NOTIFY_BACKOFF = 3
NOTIFY_BACKOFF_MAX = 48
# Seconds until a failed attempt is repeated: 1, 4, 16, 60, 60 ...
RETRY_FACTOR = 4
RETRY_BACKOFF_MAX = 60
ERROR_LENGTH = 1000

# The attempts that count, as an expression: those before it was reopened do not.
_ATTEMPTS: Document = {"$subtract": ["$job.attempt", {"$ifNull": ["$job.attempts_before_reopen", 0]}]}
# Seconds until the next attempt, as an expression.
RETRY_BACKOFF: Document = {"$min": [{"$pow": [RETRY_FACTOR, {"$subtract": [_ATTEMPTS, 1]}]}, RETRY_BACKOFF_MAX]}
_NOTIFY_BACKOFF: Document = {
    "$min": [NOTIFY_BACKOFF_MAX, {"$multiply": [NOTIFY_BACKOFF, {"$pow": [2, {"$min": ["$job.notifications", 10]}]}]}]
}
_HELD = ("job.lease_until", "job.owner", "job.process")
_WAITING = ("job.not_before", "job.notified_by")
# What an unexpected error said, which may name servers and data: for operators, never for clients.
_DETAIL = "job.error_detail"

IS_DUE: Document = {"$lte": ["$job.notify_at", "$$NOW"]}
# A job that was never tried waits for nothing, also when the clock that accepted it is ahead.
MAY_BEGIN: Document = {"$or": [{"$eq": ["$job.attempt", 0]}, {"$lte": ["$job.not_before", "$$NOW"]}]}

# The number of attempts goes on, for it fences off a worker that still works on an earlier one; instead those
# made so far no longer count. The error stays until the next attempt has another.
REOPENED: list[Document] = [
    {
        "$set": {
            "job.state": JobState.PENDING,
            "job.attempts_before_reopen": "$job.attempt",
            "job.notifications": 0,
            "job.notify_at": "$$NOW",
            "job.not_before": "$$NOW",
            "job.progress": 0.0,
            "job.updated_at": "$$NOW",
        }
    },
    {"$unset": ["job.finished_at"]},
]
# The job is due again, and what did not reach the broker does not count.
UNNOTIFIED: list[Document] = [
    {"$set": {"job.notify_at": "$$NOW", "job.notifications": {"$max": [0, {"$subtract": ["$job.notifications", 1]}]}}}
]


def due(state: JobState) -> Document:
    """Return the jobs in this state whose time has come, as a condition that the index of due jobs answers."""
    return {"job.state": state, "job.notify_at": {"$exists": True}, "$expr": IS_DUE}


def held(claim: Claim) -> Document:
    """Return the job as long as the claim is not void, as a condition."""
    return {"_id": claim.id, "job.state": JobState.RUNNING, "job.attempt": claim.attempt}


def spent(max_attempts: int) -> Document:
    """Return whether the attempts are used up, as an expression."""
    return {"$gte": [_ATTEMPTS, max_attempts]}


def claimed(owner: str, process: str, lease: float) -> list[Document]:
    """Another attempt begins."""
    attempt = {"job.attempt": {"$add": ["$job.attempt", 1]}, "job.progress": 0.0}
    holder = {"job.owner": literal(owner), "job.process": literal(process)}
    return [
        {"$set": {"job.state": JobState.RUNNING, **attempt, **holder, **_leased(lease)}},
        {"$unset": [*_WAITING]},
    ]


def renewed(lease: float, progress: float | None) -> list[Document]:
    """Return the fields that begin the lease anew."""
    return [{"$set": {**({} if progress is None else {"job.progress": progress}), **_leased(lease)}}]


def notified(by: str) -> list[Document]:
    """Return the next notification is put off, longer each time."""
    sent = {"$add": ["$job.notifications", 1]}
    return [
        {
            "$set": {
                "job.notify_at": _from_now(_NOTIFY_BACKOFF),
                "job.notifications": sent,
                "job.notified_by": literal(by),
            }
        },
    ]


def ended(state: JobState, fields: Mapping[str, Any]) -> Document:
    """Return the job's end, with what is written in the same update; what only a live job needs goes away with it."""
    return {
        "$set": {**fields, "job.state": state},
        "$currentDate": {"job.finished_at": True, "job.updated_at": True},
        "$unset": dict.fromkeys(("job.notify_at", _DETAIL, *_HELD, *_WAITING), ""),
    }


def given_back(error: str, backoff: Any, max_attempts: int, *, detail: str = "") -> list[Document]:
    """Return the job waits for another attempt, or has failed when there is none left; `backoff` is in seconds.

    Clients see the error, and operators the detail too.
    """
    none_left, again = spent(max_attempts), _from_now(backoff)
    return [
        {
            "$set": {
                "job.state": {"$cond": [none_left, JobState.FAILED, JobState.PENDING]},
                "job.error": literal(error[:ERROR_LENGTH]),
                _DETAIL: literal(detail[:ERROR_LENGTH]) if detail else "$$REMOVE",
                "job.notify_at": {"$cond": [none_left, "$$REMOVE", again]},
                "job.not_before": {"$cond": [none_left, "$$REMOVE", again]},
                "job.finished_at": {"$cond": [none_left, "$$NOW", "$$REMOVE"]},
                "job.notifications": 0,
                "job.updated_at": "$$NOW",
            }
        },
        {"$unset": [*_HELD]},
    ]


def literal(value: Any) -> Document:
    """Return a value as data: a text that begins with `$` would be read as an expression."""
    return {"$literal": value}


def _leased(lease: float) -> Document:
    until = _from_now(lease)
    return {"job.lease_until": until, "job.notify_at": until, "job.updated_at": "$$NOW"}


def _from_now(seconds: Any) -> Document:
    """Return the server's time plus a number of seconds, or plus what an expression gives."""
    return {"$add": ["$$NOW", {"$multiply": [seconds, 1000]}]}
