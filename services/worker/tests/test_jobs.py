"""Durable jobs under real workers, real servers and real signals."""

import os
import signal

import pytest

from common.testing.waiting import eventually


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_a_job_is_done_and_its_log_lines_carry_the_ids(worker, post, ended):
    part = worker()
    document = ended(post("a"))
    assert document["effect"] == 1
    assert document["job"]["state"] == "done"
    assert document["job"]["progress"] == 1.0
    assert not {"ring_at", "lease_until", "owner"} & document["job"].keys()
    assert "[request-a a] slow.work begins, attempt 1." in part.text()


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_a_job_whose_message_was_lost_is_rung_for_by_the_sweeper(worker, post, ended):
    worker()
    assert ended(post("a", ring=False))["job"]["state"] == "done"


def test_a_message_that_comes_five_times_has_one_effect(worker, post, ended, runs, send):
    job = post("a", 0.3)
    for _ in range(4):
        send(id=job)
    worker()
    assert ended(job)["effect"] == 1
    assert len(runs(job)) == 1


def test_a_child_killed_at_work_costs_one_attempt(worker, post, ended, runs):
    worker(JOB_LEASE="2")
    job = post("a", 60, 0)
    os.kill(eventually(lambda: runs(job))[0]["pid"], signal.SIGKILL)
    document = ended(job)
    assert (document["job"]["state"], document["effect"]) == ("done", 2)


def test_a_killed_worker_takes_its_jobs_up_again_when_it_starts(worker, post, ended, runs):
    first = worker(JOB_LEASE="600")
    job = post("a", 60, 0)
    eventually(lambda: runs(job))
    first.kill_group()
    worker(JOB_LEASE="600")
    assert ended(job)["effect"] == 2


def test_another_worker_takes_over_when_the_lease_has_run_out(worker, post, ended, runs):
    first = worker("worker1", JOB_LEASE="2")
    job = post("a", 60, 0)
    eventually(lambda: runs(job))
    first.kill_group()
    worker("worker2", JOB_LEASE="2")
    assert ended(job)["effect"] == 2


def test_a_worker_frozen_past_its_lease_is_fenced_off(worker, post, ended, runs, database):
    first = worker("worker1", JOB_LEASE="2", WORKER_CONCURRENCY="1")
    job = post("a", 6, 0)
    child = eventually(lambda: runs(job))[0]["pid"]
    for pid in (child, first.process.pid):
        os.kill(pid, signal.SIGSTOP)
    worker("worker2", JOB_LEASE="2")
    assert ended(job)["effect"] == 2
    for pid in (first.process.pid, child):
        os.kill(pid, signal.SIGCONT)
    eventually(lambda: "its result is discarded" in first.text())
    assert database["slow"].find_one({"_id": job})["effect"] == 2


def test_a_job_that_kills_its_worker_each_time_is_failed_and_others_go_on(worker, post, ended, runs):
    worker(JOB_LEASE="1", JOB_MAX_ATTEMPTS="2")
    poison, other = post("poison", 0, then="die"), post("other", 0.1)
    assert ended(other)["job"]["state"] == "done"
    document = ended(poison)
    assert document["job"]["state"] == "failed"
    assert document["job"]["error"] == "the worker was lost"
    assert len(runs(poison)) == 2


def test_an_error_is_kept_and_the_work_tried_again_until_the_attempts_are_used_up(worker, post, ended, runs):
    worker(JOB_MAX_ATTEMPTS="2")
    document = ended(post("a", then="fail"))
    assert document["job"]["state"] == "failed"
    assert document["job"]["error"] == "ValueError: not this time"
    assert len(runs("a")) == 2


def test_an_error_that_cannot_pass_is_not_tried_again(worker, post, ended, runs):
    worker()
    document = ended(post("a", then="refuse"))
    assert (document["job"]["state"], document["job"]["error"]) == ("failed", "it cannot be done")
    assert len(runs("a")) == 1


def test_a_task_over_its_time_limit_is_stopped_and_tried_again(worker, post, ended):
    worker(TASK_TIME_LIMIT="1")
    document = ended(post("a", 60, 0))
    assert (document["job"]["state"], document["effect"]) == ("done", 2)


def test_a_cancelled_job_is_stopped_and_has_no_effect(worker, post, ended, runs, cancel):
    part = worker(JOB_LEASE="3")
    job = post("a", 60)
    eventually(lambda: runs(job))
    cancel(job)
    eventually(lambda: "its result is discarded" in part.text(), seconds=10)
    document = ended(job)
    assert document["job"]["state"] == "cancelled"
    assert "effect" not in document


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_a_stopped_worker_finishes_its_work(worker, post, ended, runs):
    part = worker()
    job = post("a", 1)
    eventually(lambda: runs(job))
    part.signal(signal.SIGTERM)
    assert part.wait() == 0
    assert ended(job, seconds=0.1)["effect"] == 1


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_a_stopped_worker_gives_back_what_it_cannot_finish(worker, post, ended, runs, database):
    part = worker(JOB_LEASE="600", WORKER_STOP_GRACE="0.5")
    job = post("a", 60, 0)
    eventually(lambda: runs(job))
    part.signal(signal.SIGTERM)
    part.wait(25)
    assert database["slow"].find_one({"_id": job})["job"]["state"] == "pending"
    worker("worker2", JOB_LEASE="600")
    assert ended(job)["effect"] == 2


def test_rubbish_in_the_queue_is_refused_and_the_next_job_done(worker, post, ended, send):
    part = worker()
    for rubbish in ({}, {"id": 7}, {"id": {"$gt": ""}}, {"id": "a", "more": 1}, {"id": "no such job"}):
        send(**rubbish)
    assert ended(post("a"))["job"]["state"] == "done"
    assert "is not readable" in part.text()


def test_an_unknown_queue_is_refused(start):
    part = start("worker", "-Q", "nowhere", ready=False)
    assert part.wait() != 0
    assert "nowhere" in part.text()
