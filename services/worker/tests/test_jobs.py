"""Durable jobs under real workers, real servers and real signals."""

import os
import re
import signal

import pytest
from pymongo.database import Database

from common import brokers
from common.mongo import Document
from jobs.heartbeat import processes
from testing.brokers import FIRST, ON_EACH
from testing.documents import stored
from testing.servers import unused_ports
from testing.waiting import eventually

from .conftest import Ended, Post, Runs, Starter, StartWorker

pytestmark = pytest.mark.integration


@ON_EACH
def test_a_job_is_done_and_its_log_lines_carry_the_ids(worker: StartWorker, post: Post, ended: Ended) -> None:
    part = worker()
    job = post()
    document = ended(job)
    assert document["effect"] == 1
    assert document["job"]["state"] == "done"
    assert document["job"]["progress"] == 1.0
    assert not {"notify_at", "lease_until", "owner"} & document["job"].keys()
    assert f"[request-{job} {job}] slow.work begins, attempt 1." in part.text()


@ON_EACH
def test_a_job_whose_message_was_lost_is_notified_of_by_the_sweeper(
    worker: StartWorker, post: Post, ended: Ended
) -> None:
    worker()
    assert ended(post(is_notified=False))["job"]["state"] == "done"


def test_a_killed_worker_takes_its_jobs_up_again_when_it_starts(
    worker: StartWorker, post: Post, ended: Ended, runs: Runs
) -> None:
    first = worker(JOB_LEASE="600")
    job = post(60, 0)
    eventually(lambda: runs(job))
    first.kill_group()
    worker(JOB_LEASE="600")
    assert ended(job)["effect"] == 2


def test_a_job_whose_process_was_killed_does_not_wait_for_its_lease(
    worker: StartWorker, post: Post, ended: Ended, runs: Runs
) -> None:
    worker(JOB_LEASE="600")
    job = post(60, 0)
    os.kill(eventually(lambda: runs(job))[0]["pid"], signal.SIGKILL)
    assert ended(job)["effect"] == 2


def test_a_broker_that_stays_away_is_asked_for_every_two_seconds(start: Starter) -> None:
    part = start.worker(ready=False, BROKER_URL=f"{brokers.named(FIRST).plain}://127.0.0.1:{unused_ports(1)[0]}/0")
    pauses = eventually(lambda: found if len(found := re.findall(r"again in (\S+) seconds", part.text())) > 3 else [])
    assert max(float(pause) for pause in pauses) <= 2


def test_another_worker_takes_over_when_the_lease_has_run_out(
    worker: StartWorker, post: Post, ended: Ended, runs: Runs
) -> None:
    first = worker("worker1", JOB_LEASE="2")
    job = post(60, 0)
    eventually(lambda: runs(job))
    first.kill_group()
    worker("worker2", JOB_LEASE="2")
    assert ended(job)["effect"] == 2


def test_a_worker_frozen_past_its_lease_is_fenced_off(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    database: Database[Document],
) -> None:
    first = worker("worker1", JOB_LEASE="2", WORKER_CONCURRENCY="1")
    job = post(6, 0)
    child = eventually(lambda: runs(job))[0]["pid"]
    for pid in (child, first.process.pid):
        os.kill(pid, signal.SIGSTOP)
    worker("worker2", JOB_LEASE="2")
    assert ended(job)["effect"] == 2
    for pid in (first.process.pid, child):
        os.kill(pid, signal.SIGCONT)
    eventually(lambda: "its result is discarded" in first.text())
    assert stored(database["slow"], job)["effect"] == 2


@ON_EACH
def test_a_stopped_worker_finishes_its_work_and_signs_off(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    database: Database[Document],
) -> None:
    part = worker()
    job = post(1)
    eventually(lambda: runs(job))
    assert [(process.name, process.alive) for process in processes(database)] == [("worker1@test", True)]
    part.signal(signal.SIGTERM)
    assert part.wait() == 0
    assert ended(job, seconds=0.1)["effect"] == 1
    assert processes(database) == []


@ON_EACH
def test_a_stopped_worker_gives_back_what_it_cannot_finish(
    worker: StartWorker,
    post: Post,
    ended: Ended,
    runs: Runs,
    database: Database[Document],
) -> None:
    part = worker(JOB_LEASE="600", WORKER_STOP_GRACE="0.5")
    job = post(60, 0)
    eventually(lambda: runs(job))
    part.signal(signal.SIGTERM)
    part.wait(25)
    assert stored(database["slow"], job)["job"]["state"] == "pending"
    worker("worker2", JOB_LEASE="600")
    assert ended(job)["effect"] == 2


def test_an_unknown_queue_is_refused(start: Starter) -> None:
    part = start("worker", "-Q", "nowhere", ready=False)
    assert part.wait() != 0
    assert "nowhere" in part.text()
