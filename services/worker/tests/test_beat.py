import json
import signal
from pathlib import Path

import pytest
from pymongo.database import Database

from common import brokers
from common.mongo import Document
from jobs.heartbeat import processes, waiting_file
from testing.brokers import FIRST
from testing.strong import strong
from testing.waiting import eventually

from .conftest import Starter

SCHEDULER = ("beat", "--scheduler", "worker.schedule:TickScheduler")

pytestmark = pytest.mark.integration


def test_two_beats_do_the_work_of_a_schedule_once_each_tick(start: Starter, database: Database[Document]) -> None:
    beats = [start(*SCHEDULER, app="example_worker:app", EXAMPLE_TICK_EVERY="1") for _ in range(2)]
    start("worker", "--hostname", "worker1@test", app="example_worker:app")
    done = {"job.name": "example.tick", "job.state": "done"}
    eventually(lambda: database["ticks"].count_documents(done) >= 3)
    for tick in database["ticks"].find(done):
        assert (tick["job"]["attempt"], tick["ticked"]) == (1, 1)
        assert tick["_id"].startswith("example.tick@")
    assert {process.role: process.alive for process in processes(database)} == {"worker": True, "beat": True}
    for beat in beats:
        beat.signal(signal.SIGTERM)
        assert beat.wait() == 0
    assert [process.role for process in processes(database)] == ["worker"]


def test_a_beat_says_that_it_waits_for_a_mongodb_that_is_away_and_keeps_no_schedule_in_a_file(
    start: Starter, tmp_path: Path
) -> None:
    beat = start(*SCHEDULER, app="example_worker:app", ready=False, MONGO_PORT="1", MONGO_TIMEOUT="0.2")
    eventually(lambda: "The tick has to wait" in beat.text())
    eventually(lambda: waiting_file(beat.heartbeat).exists())
    assert not beat.heartbeat.exists()
    beat.signal(signal.SIGTERM)
    assert beat.wait() == 0
    assert {path.suffix for path in tmp_path.iterdir()} == {".log", ".waiting"}


def test_a_beat_that_is_told_to_stop_while_it_uses_the_driver_ends_and_signs_off(start: Starter) -> None:
    beat = start("beat", "--scheduler", "locked_beat:LockedScheduler", app="example_worker:app", ready=False)
    assert beat.wait() == 0
    assert beat.text().count("signed off") == 1


def test_the_beat_logs_under_its_own_name_from_the_first_line(start: Starter) -> None:
    safe = {"ENVIRONMENT": "production", "SECRET_KEY": strong("key"), "LOG_LEVEL": "DEBUG"}
    beat = start(*SCHEDULER, app="example_worker:app", ready=True, **safe)
    beat.signal(signal.SIGTERM)
    assert beat.wait() == 0
    lines = [json.loads(line) for line in beat.text().splitlines()]
    assert [line["message"] for line in lines if line["logger"] == "celery.beat"]
    assert {line["service"] for line in lines} == {"beat"}


def test_variables_of_celery_change_nothing_however_it_is_started(start: Starter, database: Database[Document]) -> None:
    nowhere = f"{brokers.named(FIRST).plain}://127.0.0.1:1/0"
    theirs = {"CELERY_BROKER_URL": nowhere, "CELERY_BROKER_READ_URL": nowhere, "CELERY_WORKER_QUEUES": "other"}
    theirs |= {"CELERY_LOADER": "nowhere", "CELERY_BEAT_SCHEDULE": "/nowhere", "REMAP_SIGTERM": "SIGKILL"}
    parts = [start(*SCHEDULER, app="example_worker:app", ready=True, EXAMPLE_TICK_EVERY="1", **theirs)]
    parts.append(start("worker", "--hostname", "worker1@test", app="example_worker:app", ready=True, **theirs))
    eventually(lambda: database["ticks"].count_documents({"job.name": "example.tick", "job.state": "done"}))
    for part in parts:
        part.signal(signal.SIGTERM)
        assert part.wait() == 0


def test_the_product_is_what_the_entry_point_starts(start: Starter, database: Database[Document]) -> None:
    start(*SCHEDULER, app="worker.main:app")
    start("worker", "--hostname", "worker1@test", app="worker.main:app")
    eventually(lambda: {process.role for process in processes(database) if process.alive} == {"worker", "beat"})
