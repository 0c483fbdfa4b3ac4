"""What becomes of a job's work, good or bad; all on one worker that must outlive every one of them."""

import os
import signal

import pytest

from testing.waiting import eventually

from .conftest import Cancel, Ended, Part, Post, Runs, Send

pytestmark = pytest.mark.integration


@pytest.fixture
def environ(shared: tuple[dict[str, str], Part]) -> dict[str, str]:
    """The environment of the worker that all tests of this module share."""
    return shared[0]


@pytest.fixture
def part(shared: tuple[dict[str, str], Part]) -> Part:
    """The worker that all tests of this module share."""
    return shared[1]


def test_a_message_that_comes_five_times_has_one_effect(
    part: Part,
    post: Post,
    ended: Ended,
    runs: Runs,
    send: Send,
) -> None:
    job = post(0.3)
    for _ in range(4):
        send(id=job)
    assert ended(job)["effect"] == 1
    assert len(runs(job)) == 1


def test_a_child_killed_at_work_costs_one_attempt(part: Part, post: Post, ended: Ended, runs: Runs) -> None:
    job = post(60, 0)
    os.kill(eventually(lambda: runs(job))[0]["pid"], signal.SIGKILL)
    document = ended(job)
    assert (document["job"]["state"], document["effect"]) == ("done", 2)


def test_a_job_that_kills_its_worker_each_time_is_failed_and_others_go_on(
    part: Part, post: Post, ended: Ended, runs: Runs
) -> None:
    poison, other = post(0, then="die"), post(0.1)
    assert ended(other)["job"]["state"] == "done"
    document = ended(poison)
    assert document["job"]["state"] == "failed"
    # On a slow machine the short lease may run out before the main process says so.
    assert document["job"]["error"] in ("the process that worked on it died", "the worker was lost")
    assert len(runs(poison)) == 2


def test_an_error_is_kept_and_the_work_tried_again_until_the_attempts_are_used_up(
    part: Part, post: Post, ended: Ended, runs: Runs
) -> None:
    job = post(then="fail")
    document = ended(job)
    assert document["job"]["state"] == "failed"
    assert document["job"]["error_detail"] == "ValueError: not this time"
    assert document["job"]["error"] == f"it failed unexpectedly, in request {document['job']['request_id']}"
    assert len(runs(job)) == 2


def test_an_error_that_cannot_pass_is_not_tried_again(part: Part, post: Post, ended: Ended, runs: Runs) -> None:
    job = post(then="refuse")
    document = ended(job)
    assert (document["job"]["state"], document["job"]["error"]) == ("failed", "it cannot be done")
    assert len(runs(job)) == 1


def test_a_task_over_its_time_limit_is_stopped_and_tried_again(part: Part, post: Post, ended: Ended) -> None:
    document = ended(post(60, 0))
    assert (document["job"]["state"], document["effect"]) == ("done", 2)


def test_a_cancelled_job_is_stopped_and_has_no_effect(
    part: Part,
    post: Post,
    ended: Ended,
    runs: Runs,
    cancel: Cancel,
) -> None:
    job = post(60)
    eventually(lambda: runs(job))
    cancel(job)
    eventually(lambda: "its result is discarded" in part.text(), seconds=10)
    document = ended(job)
    assert document["job"]["state"] == "cancelled"
    assert "effect" not in document


def test_rubbish_in_the_queue_is_refused_and_the_next_job_done(
    part: Part, post: Post, ended: Ended, send: Send
) -> None:
    for rubbish in ({}, {"id": 7}, {"id": {"$gt": ""}}, {"id": "a", "more": 1}, {"id": "no such job"}):
        send(**rubbish)
    assert ended(post())["job"]["state"] == "done"
    assert "is not readable" in part.text()
