"""The verdict detects each kind of broken promise in an otherwise good run."""

from collections.abc import Callable
from typing import Any

import pytest

from devkit.chaos.load import Post
from devkit.chaos.oplog import JobHistory
from devkit.chaos.verdict import Evidence, Row, judge

VALUES = [3.0, 1.0, 2.0]
RESULT = 2.0
BEGAN, ENDED = 105.0, 106.0


def good() -> Evidence:
    """Return the evidence of ten jobs, one per second from 100 on, each accepted in 10 ms and done in 500 ms."""
    posts = [Post(f"key{n}", "Chaos", VALUES, 100.0 + n, 100.01 + n, 202, f"id{n}") for n in range(10)]
    return Evidence(
        posts=posts,
        responses={post.id: {"status": "done", "result": RESULT} for post in posts},
        documents={post.id: document(post.key) for post in posts},
        histories={f"id{n}": JobHistory([(100.2 + n, "worker1@a")], [(100.51 + n, "done")]) for n in range(10)},
        ticks={"tick": JobHistory([(108.0, "worker2@a")], [(108.1, "done")])},
        began=BEGAN,
        ended=ENDED,
        back={"api1": 106.1, "worker1": 106.2, "worker2": 108.0},
    )


def document(key: str, *, state: str = "done") -> dict[str, Any]:
    return {"key": key, "job": {"state": state}, "result": RESULT if state == "done" else None}


def verdict(change: Callable[[Any], object]) -> Row:
    evidence = good()
    change(evidence)
    return judge(evidence)


def test_a_good_run_violates_nothing() -> None:
    row = judge(good())
    assert row.violations == []
    assert (row.posted, row.accepted, row.refused, row.runs) == (10, 10, 0, 10)
    assert (row.lost, row.duplicated, row.orphaned, row.stuck) == (0, 0, 0, 0)
    assert round(row.p50, 3) == round(row.p99, 3) == 0.01
    assert round(row.stall, 2) == 0.5
    assert round(row.recovery, 1) == 2.0


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        (lambda e: e.documents.pop("id3"), "1 lost"),
        (lambda e: e.responses.update(id3={"status": "pending", "result": None}), "1 lost"),
        (lambda e: e.responses["id3"].update(result=2.5), "1 lost"),
        (lambda e: e.histories["id3"].ends.append((104.9, "the same")), "1 duplicated"),
        (lambda e: e.ticks["tick"].ends.append((109.0, "the same")), "1 duplicated"),
        (lambda e: e.documents.update(unasked=document("unasked")), "1 orphaned"),
        (lambda e: e.documents.update(half={"key": "key1"}), "1 orphaned"),
        (lambda e: e.back.update(worker2=0.0), "worker2 takes no work"),
        (lambda e: e.ticks.clear(), "no ticks"),
        (lambda e: setattr(e, "growth", ["worker1 grew from 1 to 900 MB"]), "worker1 grew from 1 to 900 MB"),
    ],
)
def test_a_broken_promise_is_named(change: Callable[[Any], object], violation: str) -> None:
    assert violation in verdict(change).violations


def test_a_job_that_never_ends_is_lost_and_stuck() -> None:
    def freeze(evidence: Evidence) -> None:
        evidence.documents = {**evidence.documents, "id3": document("key3", state="running")}
        evidence.histories["id3"].ends.clear()

    row = verdict(freeze)
    assert (row.lost, row.stuck) == (1, 1)
    assert "no recovery" in row.violations
    assert row.late == []


def test_a_slow_recovery_is_reported_in_seconds() -> None:
    row = verdict(lambda e: e.histories["id3"].ends.__setitem__(0, (140.0, "done")))
    assert row.violations == row.late == ["recovery 34 s"]


def test_a_refusal_counts_unless_an_api_or_mongodb_is_unavailable() -> None:
    def refuse(evidence: Evidence) -> None:
        evidence.posts[3].status, evidence.posts[3].id = 503, ""
        evidence.posts[3].answered += 5
        evidence.documents = {name: document for name, document in evidence.documents.items() if name != "id3"}

    row = verdict(refuse)
    assert row.violations == ["1 refused", "POST p99 5.0 s"]
    assert row.late == ["POST p99 5.0 s"]

    def allow(evidence: Evidence) -> None:
        refuse(evidence)
        evidence.refuses = True

    assert verdict(allow).violations == []


def test_a_job_whose_answer_was_lost_must_be_whole_too() -> None:
    def lose_answer(evidence: Evidence) -> None:
        evidence.posts[3].status, evidence.posts[3].id = 0, ""
        evidence.refuses = True

    assert verdict(lose_answer).orphaned == 0
