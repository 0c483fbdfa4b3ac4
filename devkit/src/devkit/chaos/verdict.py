"""The verdict on one run: what became of each request, and whether the promise was kept."""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .load import Post
from .oplog import History

# The bar: seconds until everything works again after a fault, and of a POST while nothing may be refused.
RECOVERY = 30.0
POST = 2.0
LIVE = ("pending", "running")
# How reports of these titles must end; all others are done.
ENDS = {"Poison": "failed", "Stuck": "failed"}


@dataclass
class Evidence:
    """All that is known of one run. Times are in seconds since 1970.

    `shown` is what the API answers for each accepted report, `documents` what stands in MongoDB, `histories` what its
    log tells, `back` when each API process first answered and each worker first took up a report after the fault, 0 for
    never. `bar` is the longest recovery.
    """

    posts: Sequence[Post]
    shown: Mapping[str, Mapping[str, Any]]
    documents: Mapping[str, Mapping[str, Any]]
    histories: Mapping[str, History]
    ticks: Mapping[str, History]
    began: float
    ended: float
    back: Mapping[str, float]
    refuses: bool = False
    bar: float = RECOVERY
    waiting: int = 0
    growth: Sequence[str] = ()


@dataclass
class Row:
    """What is printed of a run; times in seconds. `broken` names what breaks the bar, `late` those that are times."""

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
    broken: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


def judge(evidence: Evidence) -> Row:
    """The row of a run."""
    accepted = [post for post in evidence.posts if post.accepted]
    known = {post.id for post in accepted}
    unknown = {name: each for name, each in evidence.documents.items() if name not in known}
    by_key = {post.key: post for post in evidence.posts}
    waits = sorted(post.seconds for post in evidence.posts)
    row = Row(
        posted=len(evidence.posts),
        accepted=len(accepted),
        refused=len(evidence.posts) - len(accepted),
        lost=sum(not _kept(post, evidence) for post in accepted),
        duplicated=sum(len(each.ends) > 1 for each in (*evidence.histories.values(), *evidence.ticks.values())),
        orphaned=sum(not _whole(each, by_key) for each in unknown.values()),
        stuck=sum(_state(each) in LIVE for each in evidence.documents.values()),
        runs=sum(len(each.claims) for each in evidence.histories.values()),
        stall=stall(accepted, evidence.histories),
        recovery=_recovery(accepted, evidence),
        p50=percentile(waits, 0.5),
        p99=percentile(waits, 0.99),
    )
    row.late = list(_late(row, evidence))
    row.broken = [*_broken(row, evidence), *row.late]
    return row


def _late(row: Row, evidence: Evidence) -> Iterator[str]:
    if row.p99 >= POST and not evidence.refuses:
        yield f"POST p99 {row.p99:.1f} s"
    if evidence.bar < row.recovery < math.inf:
        yield f"recovery {row.recovery:.0f} s"


def _broken(row: Row, evidence: Evidence) -> Iterator[str]:
    for name in ("lost", "duplicated", "orphaned", "stuck"):
        if getattr(row, name):
            yield f"{getattr(row, name)} {name}"
    if row.refused and not evidence.refuses:
        yield f"{row.refused} refused"
    if row.recovery == math.inf:
        yield "no recovery"
    yield from (f"{name} is {'deaf' if 'worker' in name else 'away'}" for name, at in evidence.back.items() if not at)
    if not any(end >= evidence.ended for each in evidence.ticks.values() for end, _ in each.ends):
        yield "no ticks"
    if evidence.waiting:
        yield f"{evidence.waiting} messages left"
    yield from evidence.growth


def _kept(post: Post, evidence: Evidence) -> bool:
    """Whether an accepted report has its end, in MongoDB and over HTTP, reached once."""
    document, shown = evidence.documents.get(post.id), evidence.shown.get(post.id, {})
    history = evidence.histories.get(post.id, History())
    wanted = ENDS.get(post.title, "done")
    if document is None or shown.get("status") != wanted or _state(document) != wanted or not history.ends:
        return False
    return wanted != "done" or (shown.get("result") == document["result"] and right(shown["result"], post.values))


def _whole(document: Mapping[str, Any], by_key: Mapping[str, Post]) -> bool:
    """Whether a report that nobody was promised is nevertheless what somebody had asked for, and came to its end."""
    post = by_key.get(document.get("key", ""))
    if post is None or post.accepted:
        return False
    wanted = ENDS.get(post.title, "done")
    return _state(document) == wanted and (wanted != "done" or right(document["result"], post.values))


def _state(document: Mapping[str, Any]) -> str:
    return str(document.get("job", {}).get("state", "without a job"))


def right(result: Mapping[str, Any] | None, values: Sequence[float]) -> bool:
    """Whether statistics are those of the values, by another way of computing them."""
    if not result:
        return False
    wanted = _statistics(tuple(values))
    close = (math.isclose(result[name], value, rel_tol=1e-9, abs_tol=1e-9) for name, value in wanted.items())
    return all(close) and sum(result["histogram"]["counts"]) == len(values)


@lru_cache(maxsize=4)
def _statistics(values: tuple[float, ...]) -> dict[str, float]:
    """Computed once for the many large reports of the same values."""
    return {
        "count": len(values),
        "min": min(values),
        "max": max(values),
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "standard_deviation": statistics.pstdev(values),
    }


def stall(accepted: Sequence[Post], histories: Mapping[str, History]) -> float:
    """The longest time in which nothing ended although something waited."""
    began = {post.id: post.answered for post in accepted if post.id in histories and histories[post.id].ends}
    moments = [(at, 1) for at in began.values()]
    moments += [(max(histories[name].ends[0][0], at), -1) for name, at in began.items()]
    longest, waiting, since = 0.0, 0, 0.0
    for at, step in sorted(moments, key=lambda moment: (moment[0], -moment[1])):
        if step < 0:
            longest, since = max(longest, at - since), at
        elif not waiting:
            since = at
        waiting += step
    return longest


def _recovery(accepted: Sequence[Post], evidence: Evidence) -> float:
    """Seconds from the fault's end until all accepted before it have ended, and every part is back."""
    due = [post.id for post in accepted if post.answered <= evidence.ended]
    ends = [evidence.histories[name].ends[0][0] if _ended(name, evidence) else math.inf for name in due]
    back = [at or math.inf for at in evidence.back.values()]
    return max(0.0, max([*ends, *back], default=0.0) - evidence.ended)


def _ended(name: str, evidence: Evidence) -> bool:
    return name in evidence.histories and bool(evidence.histories[name].ends)


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """The value that so many of the ordered ones do not exceed; 0 of none."""
    return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * fraction) - 1)] if ordered else 0.0
