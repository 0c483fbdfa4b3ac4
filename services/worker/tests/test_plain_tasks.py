"""Plain Celery tasks, for what may be lost, beside the durable jobs."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, ConfigDict
from pymongo.database import Database

from common.mongo import Document
from common.queue.clients import QueueClients
from common.queue.contract import Contract
from testing.brokers import ON_EACH
from testing.documents import stored
from testing.waiting import eventually

from .conftest import StartWorker

pytestmark = pytest.mark.integration


class Hint(BaseModel):
    """What the sender knows of the task; the worker checks more strictly."""

    model_config = ConfigDict(extra="allow")

    number: object


HINT = Contract("slow.hint", Hint)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def hints(database: Database[Document]) -> Callable[[], list[int]]:
    """The numbers of the tasks that ran, in their order."""
    return lambda: [each["number"] for each in database["hints"].find()]


@ON_EACH
def test_a_plain_task_is_sent_off_the_request_path_and_runs_once(
    worker: StartWorker, clients: QueueClients, hints: Callable[[], list[int]], database: Database[Document]
) -> None:
    worker()
    clients.publisher.send(HINT, Hint(number=1, at=NOON), request_id="request-1")
    eventually(hints)
    assert stored(database["hints"])["at"] == NOON
    assert hints() == [1]


@ON_EACH
def test_a_plain_task_that_fails_or_kills_its_process_is_not_tried_again(
    worker: StartWorker, clients: QueueClients, hints: Callable[[], list[int]]
) -> None:
    worker(WORKER_CONCURRENCY="1")
    for number, then in ((1, "fail"), (2, "die"), (3, "")):
        clients.queue.publish(HINT, Hint(number=number, at=NOON, then=then), request_id="test")
    eventually(lambda: 3 in hints())
    assert hints() == [1, 2, 3]


def test_rubbish_does_not_reach_a_plain_task(
    worker: StartWorker, clients: QueueClients, hints: Callable[[], list[int]]
) -> None:
    part = worker()
    for rubbish in (Hint(number="1", at=NOON), Hint(number=1, at="soon"), Hint(number=1, at=NOON, more=1)):
        clients.queue.publish(HINT, rubbish, request_id="test")
    clients.queue.publish(HINT, Hint(number=7, at=NOON), request_id="test")
    eventually(hints)
    assert hints() == [7]
    eventually(lambda: part.text().count("slow.hint is not readable") == 3)


def test_a_payload_that_no_worker_would_read_is_refused_where_it_is_sent(clients: QueueClients) -> None:
    with pytest.raises(ValueError, match=r"slow\.hint is too large"):
        clients.queue.publish(HINT, Hint(number="x" * 300_000, at=NOON), request_id="test")


def test_a_large_payload_arrives(worker: StartWorker, clients: QueueClients, database: Database[Document]) -> None:
    worker()
    clients.queue.publish(HINT, Hint(number=1, at=NOON, then="x" * 250_000), request_id="test")
    eventually(lambda: database["hints"].find_one({"number": 1}))
