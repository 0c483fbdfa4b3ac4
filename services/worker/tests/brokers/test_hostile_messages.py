"""Rubbish in the queue on each of the real brokers: the next job is done, and the worker is the same as before."""

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from pymongo.database import Database
from services.worker.tests.conftest import Ended, Post, Runs

from common.mongo import Document
from common.queue.clients import QueueClients
from testing.brokers import NAMES, ON_EACH
from testing.servers import Servers
from testing.waiting import eventually

from .conftest import Worker, refused, started_workers
from .hostile import MARK

pytestmark = pytest.mark.integration

# What is put into the queue, by broker and name.
HOSTILE = {broker: import_module(f".{broker}", __package__).HOSTILE for broker in NAMES}
CASES = [(broker, name) for broker, items in HOSTILE.items() for name in items]
# What may be read, for whatever is not ours in it is left out; the job that it names is none.
HARMLESS = {"stamps", "ignore_result false", "request id table", "request id lines"}
HARMLESS |= {"reply to", "persistent priority", "other types"}


@pytest.fixture(scope="module")
def workers(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Worker]]:
    """For each broker one worker, for all tests of this file."""
    with started_workers(servers, tmp_path_factory) as started:
        yield started


@pytest.mark.parametrize(("broker", "name"), CASES, ids=[f"{broker}-{name}" for broker, name in CASES])
def test_after_what_is_not_ours_the_next_job_is_done(
    own: Worker,
    broker: str,
    name: str,
    post: Post,
    ended: Ended,
    runs: Runs,
    clients: QueueClients,
    database: Database[Document],
) -> None:
    before = refused(own)
    own.put(HOSTILE[broker][name])
    # No sweeper notifies of it so soon: only its message tells of it.
    job = post(patience=600)
    document = ended(job, seconds=20)
    assert document["job"]["state"] == "done", document["job"]
    (run,) = runs(job)
    own.child = own.child or run["pid"]
    assert (own.part.process.poll(), run["pid"]) == (None, own.child)
    if name not in HARMLESS:
        eventually(lambda: refused(own) == before + 1)
    assert MARK not in own.part.text()
    assert list(database["hints"].find()) == []
    eventually(lambda: clients.queue.waiting() == 0)


@ON_EACH
def test_a_flood_of_it_is_counted_and_does_not_fill_the_log(own: Worker, broker: str, post: Post, ended: Ended) -> None:
    before, kind = refused(own), import_module(f".{broker}", __package__)
    for _ in range(300):
        own.put(kind.FLOOD)
    assert ended(post(patience=600), seconds=20)["job"]["state"] == "done"
    eventually(lambda: refused(own) == before + 300)
    assert 0 < own.part.text().count(f"its {kind.REASON} is not ours") <= 20
