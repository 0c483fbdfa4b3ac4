"""A worker and a beat begin nothing on a database that is not fit for their code, and go on when it is."""

import signal

import pytest
from pymongo.database import Database

from common.mongo import Document
from jobs.heartbeat import processes, waiting_file
from testing.waiting import eventually

from .conftest import Post, Runs, Starter
from .test_beat import SCHEDULER

pytestmark = pytest.mark.integration

BEHIND = "the database is behind: slow.0001_a is not applied. Run `invoke db-migrate`"
RECORD = {"_id": "slow.0001_a", "feature": "slow", "incompatible": False}


def unhealthy(database: Database[Document]) -> set[str]:
    return {process.unhealthy for process in processes(database)}


def test_a_worker_waits_until_the_database_has_the_migrations_of_its_code(
    start: Starter, post: Post, runs: Runs, database: Database[Document]
) -> None:
    worker = start.worker(ready=False, MIGRATIONS="0001_a")
    eventually(lambda: unhealthy(database) == {BEHIND})
    eventually(lambda: waiting_file(worker.heartbeat).exists())
    job = post(0)
    done = {"_id": job, "job.state": "done"}
    # The message has come by then, and nothing was begun.
    eventually(lambda: worker.text().count("This process is not ready") == 2)
    assert (runs(job), worker.heartbeat.exists()) == ([], False)
    database["migrations"].insert_one(RECORD)
    eventually(worker.heartbeat.exists)
    # The sweeper notifies again of what was passed over.
    eventually(lambda: database["slow"].count_documents(done), seconds=40)
    assert (len(runs(job)), unhealthy(database)) == (1, {""})
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


def test_a_worker_goes_on_when_the_database_is_ahead_and_stops_when_it_cannot_run_on_it(
    start: Starter, post: Post, runs: Runs, database: Database[Document]
) -> None:
    database["migrations"].insert_one(RECORD)
    worker = start.worker(MIGRATIONS="0001_a")
    database["migrations"].insert_one({"_id": "slow.0002_b", "feature": "slow", "incompatible": False})
    first = post(0)
    eventually(lambda: database["slow"].count_documents({"_id": first, "job.state": "done"}))
    eventually(lambda: "The database is ahead of this process by slow.0002_b." in worker.text())
    assert unhealthy(database) == {""}
    database["migrations"].update_one({"_id": "slow.0002_b"}, {"$set": {"incompatible": True}})
    eventually(lambda: unhealthy(database) == {"the database is ahead: this version cannot run after slow.0002_b"})


def test_a_beat_makes_no_ticks_until_the_database_has_the_migrations(
    start: Starter, database: Database[Document]
) -> None:
    beat = start(*SCHEDULER, ready=False, MIGRATIONS="0001_a")
    eventually(lambda: unhealthy(database) == {BEHIND})
    eventually(lambda: waiting_file(beat.heartbeat).exists())
    assert not beat.heartbeat.exists()
    database["migrations"].insert_one(RECORD)
    eventually(beat.heartbeat.exists)
    beat.signal(signal.SIGTERM)
    assert beat.wait() == 0
