"""The verdict on one run: what happened to each request, and whether the promises were kept."""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .load import Post
from .oplog import JobHistory

# Seconds until everything works again after a fault, and of a POST while nothing may be refused.
MAX_RECOVERY = 30.0
MAX_POST = 2.0
LIVE = ("pending", "running")
# How jobs of these titles must end; all others must be done.
ENDS = {"Poison": "failed", "Stuck": "failed"}


@dataclass
class Evidence:
    """All that is known of one run. Times are in seconds since 1970.

    `responses` are what the API answers for each accepted job, `documents` what MongoDB holds, `histories` what its
    log says. `back` is when each API process first answered and each worker first claimed a job after the fault, 0
    for never. With `injected`, there was a fault from `began` to `ended`.
    """

    posts: Sequence[Post]
    responses: Mapping[str, Mapping[str, Any]]
    documents: Mapping[str, Mapping[str, Any]]
    histories: Mapping[str, JobHistory]
    ticks: Mapping[str, JobHistory]
    began: float
    ended: float
    back: Mapping[str, float]
    injected: bool = True
    refuses: bool = False
    max_recovery: float = MAX_RECOVERY
    messages_left: int = 0
    growth: Sequence[str] = ()


@dataclass
class Row:
    """The figures of a run; times in seconds. `violations` names broken promises, `late` those that are times only."""

    posted: int
    accepted: int
    refused: int
    lost: int
    duplicated: int
    orphaned: int
    stuck: int
    runs: int
    stall: float
    recovery: float
    p50: float
    p99: float
    violations: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


def judge(evidence: Evidence) -> Row:
    """Return the figures of a run and what they violate."""
    accepted = [post for post in evidence.posts if post.accepted]
    accepted_ids = {post.id for post in accepted}
    others = [document for name, document in evidence.documents.items() if name not in accepted_ids]
    by_key = {post.key: post for post in evidence.posts}
    waits = sorted(post.seconds for post in evidence.posts)
    histories = [*evidence.histories.values(), *evidence.ticks.values()]
    row = Row(
        posted=len(evidence.posts),
        accepted=len(accepted),
        refused=len(evidence.posts) - len(accepted),
        lost=sum(not _is_done(post, evidence) for post in accepted),
        duplicated=sum(len(history.ends) > 1 for history in histories),
        orphaned=sum(not _is_whole(document, by_key) for document in others),
        stuck=sum(_state(document) in LIVE for document in evidence.documents.values()),
        runs=sum(len(history.claims) for history in evidence.histories.values()),
        stall=stall(accepted, evidence.histories),
        recovery=_recovery(accepted, evidence),
        p50=percentile(waits, 0.5),
        p99=percentile(waits, 0.99),
    )
    row.late = list(_late(row, evidence))
    row.violations = [*_violations(row, evidence), *row.late]
    return row


def _late(row: Row, evidence: Evidence) -> Iterator[str]:
    if row.p99 >= MAX_POST and not evidence.refuses:
        yield f"POST p99 {row.p99:.1f} s"
    if evidence.max_recovery < row.recovery < math.inf:
        yield f"recovery {row.recovery:.0f} s"


def _violations(row: Row, evidence: Evidence) -> Iterator[str]:
    for name in ("lost", "duplicated", "orphaned", "stuck"):
        if getattr(row, name):
            yield f"{getattr(row, name)} {name}"
    if row.refused and not evidence.refuses:
        yield f"{row.refused} refused"
    if row.recovery == math.inf:
        yield "no recovery"
    for name, at in evidence.back.items():
        if not at:
            yield f"{name} takes no work" if "worker" in name else f"{name} does not answer"
    if not any(end >= evidence.ended for history in evidence.ticks.values() for end, _ in history.ends):
        yield "no ticks"
    if evidence.messages_left:
        yield f"{evidence.messages_left} messages left"
    yield from evidence.growth


def _is_done(post: Post, evidence: Evidence) -> bool:
    """Return whether an accepted job has ended as it must, in MongoDB and over HTTP."""
    document, response = evidence.documents.get(post.id), evidence.responses.get(post.id, {})
    expected = ENDS.get(post.title, "done")
    ended = evidence.histories.get(post.id, JobHistory()).ended
    if document is None or response.get("status") != expected or _state(document) != expected or not ended:
        return False
    if expected != "done":
        return True
    return response.get("result") == document["result"] and is_correct(response["result"], post.values)


def _is_whole(document: Mapping[str, Any], by_key: Mapping[str, Post]) -> bool:
    """Return whether a job that was not answered 2xx is nevertheless one that was requested, and has ended."""
    post = by_key.get(document.get("key", ""))
    if post is None or post.accepted:
        return False
    expected = ENDS.get(post.title, "done")
    return _state(document) == expected and (expected != "done" or is_correct(document["result"], post.values))


def _state(document: Mapping[str, Any]) -> str:
    return str(document.get("job", {}).get("state", "without a job"))


def is_correct(result: float | None, values: Sequence[float]) -> bool:
    """Return whether a result is the mean of the values, computed in another way."""
    return result is not None and math.isclose(result, _mean(tuple(values)), rel_tol=1e-9, abs_tol=1e-9)


@lru_cache(maxsize=4)
def _mean(values: tuple[float, ...]) -> float:
    """Compute once for the many large jobs of the same values."""
    return statistics.fmean(values)


def stall(accepted: Sequence[Post], histories: Mapping[str, JobHistory]) -> float:
    """Return the longest time in which nothing ended although something waited."""
    jobs = [(post.answered, histories[post.id].ended) for post in accepted if post.id in histories]
    moments = [(accepted_at, 1) for accepted_at, end in jobs if end]
    moments += [(max(end, accepted_at), -1) for accepted_at, end in jobs if end]
    longest, waiting, since = 0.0, 0, 0.0
    for at, step in sorted(moments, key=lambda moment: (moment[0], -moment[1])):
        if step < 0:
            longest, since = max(longest, at - since), at
        elif not waiting:
            since = at
        waiting += step
    return longest


def _recovery(accepted: Sequence[Post], evidence: Evidence) -> float:
    """Return the seconds from the fault's end until all accepted before it have ended, and every process is back."""
    due = [post.id for post in accepted if post.answered <= evidence.ended]
    ends = [evidence.histories.get(name, JobHistory()).ended or math.inf for name in due]
    back = [at or math.inf for at in evidence.back.values()]
    return max(0.0, max([*ends, *back], default=0.0) - evidence.ended)


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Return the value that this fraction of the ordered values does not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * fraction) - 1)] if ordered else 0.0
