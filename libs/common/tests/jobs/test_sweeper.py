import time

import pytest

from common.clients import Clients
from common.config import Settings
from common.heartbeat import Heartbeat
from common.jobs.store import JobStore
from common.jobs.sweeper import Sweeper
from common.testing.servers import unused_ports
from common.testing.waiting import eventually


class Bell:
    """Stands for the queue and keeps what was published; the real one rings in the worker's tests."""

    def __init__(self, *, broken=False, waiting=0):
        self.rung = []
        self.broken = broken
        self.messages = waiting

    def publish(self, contract, payload, *, request_id):
        if self.broken:
            raise OSError("the broker is away")
        self.rung.append((contract.name, payload.id, request_id))

    def waiting(self):
        return self.messages


def test_a_round_rings_for_what_is_due_and_gives_back_what_was_lost(store, kind, post, claim, job):
    post("due", due=True)
    post("lost")
    claim("lost")
    time.sleep(store.policy.lease + 0.1)
    bell = Bell()
    sweeper = Sweeper([store], {kind.name: kind}, bell)
    assert sweeper.sweep() == 2
    assert sorted(bell.rung) == [("test.work", "due", "request-due"), ("test.work", "lost", "request-lost")]
    assert job("lost")["state"] == "pending"
    assert sweeper.sweep() == 0


def test_an_abandoned_job_is_given_back_with_a_pause_that_grows(store, kind, post, claim, job):
    post()
    sweeper = Sweeper([store], {kind.name: kind}, Bell(), owner="worker1")
    for pause in (1, 4):
        eventually(claim)
        sweeper.abandoned(kind, "a")
        sweeper.sweep()
        given_back = job()
        assert given_back["state"] == "pending"
        assert round((given_back["not_before"] - given_back["updated_at"]).total_seconds()) == pause
    eventually(claim)
    sweeper.abandoned(kind, "a")
    sweeper.sweep()
    assert job()["state"] == "failed"


def test_an_abandoned_job_that_somebody_else_has_is_left_to_him(store, kind, post, claim, job):
    post()
    claim(owner="worker2")
    sweeper = Sweeper([store], {kind.name: kind}, Bell(), owner="worker1")
    sweeper.abandoned(kind, "a")
    sweeper.sweep()
    assert job()["owner"] == "worker2"


def test_many_sweepers_ring_once_for_each_job(store, kind, post):
    for number in range(20):
        post(f"job{number:02}", due=True)
    bell = Bell()
    sweepers = [Sweeper([store], {kind.name: kind}, bell) for _ in range(4)]
    for sweeper in sweepers:
        sweeper.start()
    eventually(lambda: len(bell.rung) >= 20)
    for sweeper in sweepers:
        sweeper.stop()
    assert len(set(bell.rung)) == len(bell.rung) == 20


@pytest.mark.parametrize(("waiting", "rings"), [(0, 30), (175, 25), (198, 10), (100_000, 10)])
def test_jobs_that_wait_behind_many_messages_are_rung_for_a_few_at_a_time(store, kind, post, waiting, rings):
    for number in range(30):
        post(f"job{number:02}", due=True)
    sweeper = Sweeper([store], {kind.name: kind}, Bell(waiting=waiting))
    assert sweeper.sweep() == rings
    assert sweeper.sweep() == min(30 - rings, rings)


def test_a_broker_that_is_away_costs_a_job_nothing(store, kind, post, job):
    post(due=True)
    bell = Bell(broken=True)
    sweeper = Sweeper([store], {kind.name: kind}, bell)
    sweeper.start()
    time.sleep(0.5)
    bell.broken = False
    eventually(lambda: bell.rung)
    sweeper.stop()
    assert bell.rung == [("test.work", "a", "request-a")]
    assert job()["rings"] == 1


def test_a_job_of_an_unknown_kind_does_not_stop_the_others(store, kind, post, database, caplog):
    post("strange", due=True)
    database["things"].update_one({"_id": "strange"}, {"$set": {"job.name": "gone.work"}})
    post("known", due=True)
    bell = Bell()
    Sweeper([store], {kind.name: kind}, bell).sweep()
    assert [ring[1] for ring in bell.rung] == ["known"]
    assert "gone.work" in caplog.text


def test_a_sweeper_outlives_its_servers_and_shows_that_it_lives(tmp_path, kind):
    port, heartbeat = unused_ports(1)[0], tmp_path / "alive"
    settings = Settings(mongo_port=port, redis_port=port, mongo_timeout=0.1, heartbeat_file=str(heartbeat))
    with Clients(settings) as clients:
        signs = Heartbeat(settings, clients.database, name="worker1", role="worker")
        sweeper = Sweeper([JobStore(clients.database["things"])], {}, clients.queue, heartbeat=signs)
        sweeper.start()
        eventually(heartbeat.exists)
        sweeper.stop()
