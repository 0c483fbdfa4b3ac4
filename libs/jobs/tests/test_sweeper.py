import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout, PyMongoError

from common.config import Settings
from common.mongo import Document
from common.queue.clients import QueueClients
from common.queue.contract import Contract, JobPayload
from jobs.heartbeat import Heartbeat
from jobs.model import JobKind
from jobs.store import JobStore
from jobs.sweeper import Sweeper
from testing.brokers import on_port
from testing.documents import stored
from testing.servers import unused_ports
from testing.statements import explained
from testing.waiting import eventually, soon

from .conftest import ClaimJob, JobField, Post, TryClaim

HOUR = timedelta(hours=1)


class FakeQueue:
    """Stands for the queue and keeps what was published; the real one is in the worker's tests."""

    def __init__(self, *, broken: bool = False, waiting: int = 0) -> None:
        self.published: list[tuple[str, str, str]] = []
        self.broken = broken
        self.messages = waiting

    def publish(self, contract: Contract[JobPayload], payload: JobPayload, *, request_id: str) -> None:
        if self.broken:
            raise OSError("the broker is away")
        self.published.append((contract.name, payload.id, request_id))

    def waiting(self) -> int:
        return self.messages


def test_a_round_rings_for_what_is_due_and_gives_back_what_was_lost(
    store: JobStore, kind: JobKind, post: Post, claim: ClaimJob, job: JobField
) -> None:
    post("due", due=True)
    post("lost")
    claim("lost")
    time.sleep(store.policy.lease + 0.1)
    queue = FakeQueue()
    sweeper = Sweeper([store], {kind.name: kind}, queue)
    assert sweeper.sweep() == 2
    assert sorted(queue.published) == [("test.work", "due", "request-due"), ("test.work", "lost", "request-lost")]
    assert job("lost")["state"] == "pending"
    assert sweeper.sweep() == 0


def test_an_abandoned_job_is_given_back_with_a_pause_that_grows(
    store: JobStore, kind: JobKind, post: Post, try_claim: TryClaim, job: JobField
) -> None:
    post()
    sweeper = Sweeper([store], {kind.name: kind}, FakeQueue(), owner="worker1")
    for pause in (1, 4):
        eventually(try_claim)
        sweeper.abandoned(kind, "a")
        sweeper.sweep()
        given_back = job()
        assert given_back["state"] == "pending"
        assert round((given_back["not_before"] - given_back["updated_at"]).total_seconds()) == pause
    eventually(try_claim)
    sweeper.abandoned(kind, "a")
    sweeper.sweep()
    assert job()["state"] == "failed"


def test_an_abandoned_job_that_somebody_else_has_is_left_to_him(
    store: JobStore, kind: JobKind, post: Post, claim: ClaimJob, job: JobField
) -> None:
    post()
    claim(owner="worker2")
    sweeper = Sweeper([store], {kind.name: kind}, FakeQueue(), owner="worker1")
    sweeper.abandoned(kind, "a")
    sweeper.sweep()
    assert job()["owner"] == "worker2"


def test_many_sweepers_ring_once_for_each_job(store: JobStore, kind: JobKind, post: Post) -> None:
    for number in range(20):
        post(f"job{number:02}", due=True)
    queue = FakeQueue()
    sweepers = [Sweeper([store], {kind.name: kind}, queue) for _ in range(4)]
    for sweeper in sweepers:
        sweeper.start()
    eventually(lambda: len(queue.published) >= 20)
    for sweeper in sweepers:
        sweeper.stop()
    assert len(set(queue.published)) == len(queue.published) == 20


@pytest.mark.parametrize(("waiting", "notified"), [(0, 30), (175, 25), (198, 10), (100_000, 10)])
def test_jobs_that_wait_behind_many_messages_are_notified_a_few_at_a_time(
    store: JobStore, kind: JobKind, post: Post, waiting: int, notified: int
) -> None:
    for number in range(30):
        post(f"job{number:02}", due=True)
    sweeper = Sweeper([store], {kind.name: kind}, FakeQueue(waiting=waiting))
    assert sweeper.sweep() == notified
    assert sweeper.sweep() == min(30 - notified, notified)


def test_a_broker_that_is_away_costs_a_job_nothing(store: JobStore, kind: JobKind, post: Post, job: JobField) -> None:
    post(due=True)
    queue = FakeQueue(broken=True)
    sweeper = Sweeper([store], {kind.name: kind}, queue)
    sweeper.start()
    time.sleep(0.5)
    queue.broken = False
    eventually(lambda: queue.published)
    sweeper.stop()
    assert queue.published == [("test.work", "a", "request-a")]
    assert job()["notifications"] == 1


def test_a_job_of_an_unknown_kind_does_not_stop_the_others(
    store: JobStore,
    kind: JobKind,
    post: Post,
    database: Database[Document],
    caplog: pytest.LogCaptureFixture,
) -> None:
    post("strange", due=True)
    database["things"].update_one({"_id": "strange"}, {"$set": {"job.name": "gone.work"}})
    post("known", due=True)
    queue = FakeQueue()
    Sweeper([store], {kind.name: kind}, queue).sweep()
    assert [message[1] for message in queue.published] == ["known"]
    assert "gone.work" in caplog.text


def test_a_job_whose_id_is_no_text_does_not_stop_the_others(
    store: JobStore,
    kind: JobKind,
    post: Post,
    database: Database[Document],
    caplog: pytest.LogCaptureFixture,
) -> None:
    post("known", due=True)
    job = stored(database["things"])["job"]
    database["things"].insert_one({"_id": 7, "job": {**job, "notify_at": job["created_at"] - HOUR}})
    queue = FakeQueue()
    assert Sweeper([store], {kind.name: kind}, queue).sweep() == 1
    assert [message[1] for message in queue.published] == ["known"]
    assert "is no text" in caplog.text


class Failing(JobStore):
    """A store that one step of fails; all else is real."""

    fails = ""

    def __getattribute__(self, name: str) -> Any:
        if name == object.__getattribute__(self, "fails"):
            raise ExecutionTimeout("operation exceeded time limit")
        return super().__getattribute__(name)


STEPS = ["abandon", "abandon_process", "expire", "due", "end_spent", "notify", "remove_orphans", "publish"]


@pytest.mark.parametrize("failing", STEPS)
def test_a_step_that_fails_stops_no_other_one(
    store: JobStore,
    kind: JobKind,
    post: Post,
    claim: ClaimJob,
    database: Database[Document],
    job: JobField,
    failing: str,
) -> None:
    for job_id in ("due", "spent"):
        post(job_id, due=True)
    for job_id in ("abandoned", "of-dead-process", "silent"):
        post(job_id)
    claim("abandoned", "worker1")
    claim("of-dead-process", "worker1", process="7")
    claim("silent", "worker2", process="7")
    things = database["things"]
    things.update_one({"_id": "silent"}, [{"$set": {"job.notify_at": "$$NOW", "job.lease_until": "$$NOW"}}])
    things.update_one({"_id": "spent"}, {"$set": {"job.attempt": store.policy.max_attempts}})
    old = stored(things)["job"]["created_at"] - 2 * HOUR
    database["things.payloads"].insert_one({"_id": "orphan", "payload": {}, "at": old})
    suspect = Failing(things, store.policy)
    suspect.fails = failing
    queue = FakeQueue(broken=failing == "publish")
    sweeper = Sweeper([suspect, JobStore(database["others"])], {kind.name: kind}, queue, owner="worker1")
    sweeper.abandoned(kind, "abandoned")
    sweeper.abandoned_process("7")
    with pytest.raises((ExecutionTimeout, OSError)):
        sweeper.sweep()
    done = {
        "abandon": job("abandoned")["state"] == "pending",
        "abandon_process": job("of-dead-process")["state"] == "pending",
        "expire": job("silent")["state"] == "pending",
        "end_spent": job("spent")["state"] == "failed",
        "notify": job("due")["notifications"] == 1,
        "remove_orphans": database["things.payloads"].count_documents({}) == 0,
    }
    # What is due is found for both; what the broker did not take does not count.
    undone = {"due": {"end_spent", "notify"}, "publish": {"notify"}}.get(failing, {failing})
    assert {name for name, is_done in done.items() if not is_done} == undone
    suspect.fails, queue.broken = "", False
    sweeper.sweep()
    assert {job(job_id)["state"] for job_id in ("abandoned", "of-dead-process", "silent")} == {"pending"}
    assert ("test.work", "due", "request-due") in queue.published


def test_two_hundred_notifications_cost_one_query_and_one_change(
    settings: Settings, database: Database[Document], kind: JobKind, store: JobStore, post: Post
) -> None:
    for number in range(200):
        post(f"job{number:03}", due=True)
    queue = FakeQueue()
    with explained(settings, database) as (watched, reads):
        assert Sweeper([JobStore(watched["things"], store.policy)], {kind.name: kind}, queue).sweep() == 200
    statements = Counter(each.command for each in reads if each.collection == "things")
    # Each round also looks for silent workers.
    assert statements == {"find": 2, "update": 1}
    assert len(set(queue.published)) == 200


def test_what_the_broker_does_not_take_is_due_again_without_penalty(
    store: JobStore, kind: JobKind, post: Post, job: JobField
) -> None:
    for number in range(5):
        post(f"job{number}", due=True)

    class Full(FakeQueue):
        def publish(self, contract: Contract[JobPayload], payload: JobPayload, *, request_id: str) -> None:
            if len(self.published) == 2:
                raise OSError("the broker went away")
            super().publish(contract, payload, request_id=request_id)

    queue = Full()
    sweeper = Sweeper([store], {kind.name: kind}, queue)
    with pytest.raises(OSError, match="went away"):
        sweeper.sweep()
    assert [job(f"job{number}")["notifications"] for number in range(5)] == [1, 1, 0, 0, 0]
    assert {each.id for each in store.due(9)} == {"job2", "job3", "job4"}


def test_who_is_told_of_a_round_and_fails_does_not_end_the_sweeper(
    store: JobStore, kind: JobKind, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise AttributeError("no pool any more")

    queue = FakeQueue()
    sweeper = Sweeper([store], {kind.name: kind}, queue, after_round=fail)
    sweeper.start()
    eventually(lambda: "no pool any more" in caplog.text)
    post(due=True)
    eventually(lambda: queue.published)
    sweeper.stop()


def test_where_no_server_is_found_a_round_waits_for_one_only_once(kind: JobKind) -> None:
    port = unused_ports(1)[0]
    settings = Settings.load({"MONGO_PORT": str(port), **on_port(port), "MONGO_TIMEOUT": "0.3"}, env_files=())
    with QueueClients(settings) as clients:
        stores = [JobStore(clients.database[f"things{number}"]) for number in range(9)]

        def sweep() -> None:
            with pytest.raises(PyMongoError):
                Sweeper(stores, {kind.name: kind}, clients.queue).sweep()

        soon(sweep, seconds=1.5)


def test_a_sweeper_outlives_its_servers_and_shows_that_it_lives(tmp_path: Path, kind: JobKind) -> None:
    port, heartbeat = unused_ports(1)[0], tmp_path / "alive"
    environ = {"MONGO_PORT": str(port), **on_port(port), "MONGO_TIMEOUT": "0.1", "HEARTBEAT_FILE": str(heartbeat)}
    settings = Settings.load(environ, env_files=())
    with QueueClients(settings) as clients:
        signs = Heartbeat(settings, clients.database, name="worker1", role="worker")
        sweeper = Sweeper([JobStore(clients.database["things"])], {}, clients.queue, after_round=lambda _: signs.beat())
        sweeper.start()
        eventually(heartbeat.exists)
        sweeper.stop()
