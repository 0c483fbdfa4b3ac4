import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from pymongo.database import Database

from common.config import Settings
from common.mongo import Document, apply_indexes, index_drift
from common.queue.clients import QueueClients
from jobs.heartbeat import COLLECTION, INDEXES, SILENCE, Heartbeat, processes, touch, waiting_file
from testing.servers import unused_ports


class HeartbeatOf(Protocol):
    """What the fixture `heartbeat` is; `others` are settings."""

    def __call__(self, name: str, *, role: str = "worker", **others: Any) -> Heartbeat: ...


@pytest.fixture
def heartbeat(settings: Settings, database: Database[Document]) -> HeartbeatOf:
    def heartbeat_of(name: str, *, role: str = "worker", **others: Any) -> Heartbeat:
        return Heartbeat(settings.model_copy(update=others), database, name=name, role=role)

    return heartbeat_of


def age(database: Database[Document], name: str, seconds: float) -> None:
    """Lets a note be as old as that."""
    document = database[COLLECTION].find_one({"_id": name})
    assert document is not None
    database[COLLECTION].update_one({"_id": name}, {"$set": {"at": document["at"] - timedelta(seconds=seconds)}})


def test_processes_are_known_by_their_notes(heartbeat: HeartbeatOf, database: Database[Document]) -> None:
    heartbeat("worker1@here", version="1.2.3").beat()
    heartbeat("beat@here", role="beat").beat()
    beat, worker = processes(database)
    assert (beat.name, beat.role) == ("beat@here", "beat")
    assert (worker.name, worker.role, worker.version) == ("worker1@here", "worker", "1.2.3")
    assert worker.alive
    assert 0 <= worker.silent_for < SILENCE


def test_a_process_that_gives_no_sign_counts_as_silent(heartbeat: HeartbeatOf, database: Database[Document]) -> None:
    heartbeat("worker1").beat()
    age(database, "worker1", SILENCE)
    (worker,) = processes(database)
    assert not worker.alive
    assert worker.silent_for >= SILENCE


def test_silent_processes_are_forgotten_by_the_server(database: Database[Document]) -> None:
    apply_indexes(database, [INDEXES])
    assert index_drift(database, [INDEXES]) == []


def test_a_note_is_renewed_every_two_seconds_and_keeps_its_start(
    heartbeat: HeartbeatOf, database: Database[Document]
) -> None:
    worker = heartbeat("worker1")
    worker.beat()
    (first,) = processes(database)
    age(database, "worker1", 5)
    worker.beat()
    assert processes(database)[0].silent_for >= 5
    worker._next = 0
    worker.beat()
    (renewed,) = processes(database)
    assert renewed.silent_for < 5
    assert renewed.started_at == first.started_at


def test_a_restarted_process_takes_the_place_of_the_former_one(
    heartbeat: HeartbeatOf, database: Database[Document]
) -> None:
    heartbeat("worker1", version="1.0.0").beat()
    (former,) = processes(database)
    time.sleep(0.01)
    heartbeat("worker1", version="1.0.1").beat()
    (restarted,) = processes(database)
    assert restarted.version == "1.0.1"
    assert restarted.started_at > former.started_at


def test_a_version_is_text_also_when_it_looks_like_an_expression(
    heartbeat: HeartbeatOf, database: Database[Document]
) -> None:
    heartbeat("worker1", version="$$ROOT").beat()
    assert processes(database)[0].version == "$$ROOT"


def test_a_process_that_ends_in_order_is_not_missed(heartbeat: HeartbeatOf, database: Database[Document]) -> None:
    worker = heartbeat("worker1")
    worker.beat()
    worker.end()
    assert processes(database) == []


def test_without_mongodb_the_file_still_tells_and_the_log_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (port,) = unused_ports(1)
    settings = Settings(mongo_port=port, mongo_timeout=0.1, heartbeat_file=str(tmp_path / "alive"))
    with QueueClients(settings) as clients:
        worker = Heartbeat(settings, clients.database, name="worker1", role="worker")
        for _ in range(3):
            worker._next = 0
            worker.beat()
        began = time.monotonic()
        worker.end()
    assert time.monotonic() - began < 1
    assert (tmp_path / "alive").exists()
    assert caplog.text.count("MongoDB did not take the heartbeat") == 1


def test_a_heartbeat_that_cannot_be_written_is_told_and_survived(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    touch(tmp_path / "no" / "such" / "folder")
    assert "heartbeat could not be written" in caplog.text


def test_a_process_that_does_not_work_says_why_and_leaves_its_file_alone(
    heartbeat: HeartbeatOf, database: Database[Document], tmp_path: Path
) -> None:
    file = tmp_path / "alive"
    worker = heartbeat("worker1", heartbeat_file=str(file))
    worker.beat("takes no messages")
    assert [process.trouble for process in processes(database)] == ["takes no messages"]
    assert not file.exists()
    assert not waiting_file(file).exists()
    # At once, not only when the next note is due.
    worker.beat("waits for a server", waiting=True)
    assert [process.trouble for process in processes(database)] == ["waits for a server"]
    assert not file.exists()
    assert waiting_file(file).exists()
    worker.beat()
    assert [process.trouble for process in processes(database)] == [""]
    assert file.exists()
