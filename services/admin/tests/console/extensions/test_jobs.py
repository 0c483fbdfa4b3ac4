"""What the page says of the broker, the workers and the queue."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from pymongo.errors import ExecutionTimeout

from admin.console.extensions import jobs as extension
from common import brokers
from common.clients import Clients
from common.config import Settings
from jobs import stats
from jobs.heartbeat import Heartbeat
from jobs.model import JobKind, new_job
from jobs.store import JobStore
from testing.brokers import FIRST, ON_EACH
from testing.waiting import soon


@pytest.fixture
def living(settings: Settings, clients: Clients) -> None:
    """A worker and a beat with a fresh heartbeat."""
    for role in ("worker", "beat"):
        Heartbeat(settings, clients.database, name=f"{role}@here", role=role).beat()


@pytest.mark.usefixtures("living")
@ON_EACH
def test_it_says_that_every_component_works(console: FlaskClient, broker: str) -> None:
    page = console.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "Everything works." in page.text
    assert page.text.count("<strong>up</strong>") == 5
    for name in ("MongoDB", brokers.named(broker).title, "API", "worker@here", "beat@here"):
        assert name in page.text


def test_processes_without_a_heartbeat_are_down(console: FlaskClient) -> None:
    assert "Down: worker, beat." in console.get("/").text


def test_a_worker_whose_heartbeat_is_old_is_down(settings: Settings, console: FlaskClient, clients: Clients) -> None:
    Heartbeat(settings, clients.database, name="worker1@here", role="worker").beat()
    clients.database["processes"].update_one({}, {"$set": {"at": datetime.now(UTC) - timedelta(seconds=60)}})
    assert re.search(r"worker1@here, version 0.0.0, silent for 6\d s", console.get("/").text)


def test_it_shows_the_length_of_the_queue(console: FlaskClient, clients: Clients) -> None:
    job = new_job(JobKind("test.tick", "ticks"), request_id="r")
    states = ["pending", "pending", "failed"]
    documents = [{"_id": number, "job": {**job, "state": state}} for number, state in enumerate(states)]
    clients.database["ticks"].insert_many(documents)
    row = re.search(r'<th scope="row">ticks</th>\s*<td>2</td><td>0</td><td>1</td>', console.get("/").text)
    assert row


def test_a_long_queue_is_counted_up_to_a_limit_and_a_slow_count_is_not_down(
    console: FlaskClient, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = new_job(JobKind("test.tick", "ticks"), request_id="r")
    clients.database["ticks"].insert_many([{"_id": number, "job": job} for number in range(5)])
    monkeypatch.setattr(stats, "COUNTED", 4)
    monkeypatch.setattr(extension, "COUNTED", 4)
    assert re.search(r'<th scope="row">ticks</th>\s*<td>4\+</td><td>0</td><td>0</td>', console.get("/").text)

    def slow(*_: object) -> None:
        raise ExecutionTimeout("operation exceeded time limit")

    monkeypatch.setattr(JobStore, "depth", slow)
    page = console.get("/").text
    assert "unknown while MongoDB is slow" in page
    assert "Down: MongoDB" not in page


def test_without_any_server_it_still_shows_itself_soon(offline: FlaskClient) -> None:
    page = soon(lambda: offline.get("/"), seconds=3)
    assert page.status_code == 200
    assert f"Down: MongoDB, {brokers.named(FIRST).title}, API." in page.text
    assert page.text.count("<strong>unknown</strong>") == 2


def test_a_worker_that_says_it_does_not_work_is_down(
    console: FlaskClient, settings: Settings, clients: Clients
) -> None:
    Heartbeat(settings, clients.database, name="worker1@here", role="worker").beat("takes no messages, though 7 wait")
    page = console.get("/").text
    assert "Down: worker" in page
    assert "takes no messages, though 7 wait" in page
