"""Notifications are left out while enough messages wait, and one of them is sent all the same."""

import time
from dataclasses import dataclass, field

import psutil
import pytest

from common.queue.clients import QueueClients
from common.queue.contract import Contract, JobPayload, Payload
from common.queue.publisher import Publisher
from common.queue.skipping import ENOUGH, WINDOW, Skipping
from testing.brokers import ON_EACH
from testing.waiting import eventually

CONTRACT = Contract("test.kind", JobPayload)


@dataclass
class Broker:
    """Keeps the ids of what was published, and tells that so many messages wait."""

    waiting: int = 0
    asked: int = 0
    ids: list[str] = field(default_factory=list)

    def publish(self, contract: Contract[Payload], payload: Payload, *, request_id: str) -> None:
        self.ids.append(payload.model_dump()["id"])

    def count(self) -> int:
        self.asked += 1
        if self.waiting < 0:
            raise OSError("it does not tell")
        return self.waiting


def notified(publisher: Publisher, *ids: object) -> list[str]:
    for each in ids:
        publisher.notify(CONTRACT, JobPayload(id=str(each)), request_id="r")
    return [str(each) for each in ids]


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def publisher(broker: Broker) -> Publisher:
    return Publisher(broker, Skipping(broker.count))


def test_a_few_notifications_are_sent_without_a_question(broker: Broker, publisher: Publisher) -> None:
    broker.waiting = 10 * ENOUGH
    ids = notified(publisher, *range(ENOUGH))
    publisher.close()
    assert (broker.ids, broker.asked) == (ids, 0)


@pytest.mark.parametrize("waiting", [0, ENOUGH - 1, -1])
def test_all_are_sent_while_few_messages_wait_or_the_broker_does_not_tell(
    broker: Broker, publisher: Publisher, waiting: int
) -> None:
    broker.waiting = waiting
    ids = notified(publisher, *range(10 * ENOUGH))
    publisher.close()
    assert broker.ids == ids
    assert 0 < broker.asked <= 10


def test_behind_many_messages_only_the_first_is_sent_and_only_a_moment_later(
    broker: Broker, publisher: Publisher
) -> None:
    first = notified(publisher, *range(ENOUGH))
    broker.waiting = ENOUGH
    began = time.monotonic()
    notified(publisher, "left out", *range(100))
    assert eventually(lambda: broker.ids[ENOUGH:]) == ["left out"]
    assert time.monotonic() - began >= WINDOW
    assert (broker.ids[:ENOUGH], broker.asked) == (first, 1)


def test_after_that_the_broker_is_asked_again(broker: Broker, publisher: Publisher) -> None:
    broker.waiting = ENOUGH
    notified(publisher, *range(ENOUGH), "left out")
    eventually(lambda: broker.ids[ENOUGH:] == ["left out"])
    notified(publisher, "still many", "another")
    eventually(lambda: broker.ids[ENOUGH + 1 :] == ["still many"])
    broker.waiting = 0
    notified(publisher, "few")
    eventually(lambda: broker.ids[ENOUGH + 2 :] == ["few"])
    assert broker.asked == 3


def test_what_was_left_out_is_sent_when_the_process_ends(broker: Broker, publisher: Publisher) -> None:
    broker.waiting = ENOUGH
    notified(publisher, *range(ENOUGH), "left out", "another")
    publisher.close()
    assert broker.ids[ENOUGH:] == ["left out"]


def test_a_message_that_is_the_work_itself_is_never_left_out(broker: Broker, publisher: Publisher) -> None:
    broker.waiting = ENOUGH
    notified(publisher, *range(ENOUGH), "left out")
    for each in range(10 * ENOUGH):
        publisher.send(CONTRACT, JobPayload(id=f"work {each}"), request_id="r")
    publisher.close()
    assert [each for each in broker.ids if each.startswith("work")] == [f"work {each}" for each in range(10 * ENOUGH)]


def connections() -> int:
    return sum(each.status == psutil.CONN_ESTABLISHED for each in psutil.Process().net_connections("tcp"))


@ON_EACH
def test_messages_are_counted_over_one_connection(clients: QueueClients) -> None:
    assert clients.queue.count() == 0
    clients.queue.publish(CONTRACT, JobPayload(id="a"), request_id="r")
    before = connections()
    assert [clients.queue.count() for _ in range(5)] == [1] * 5
    # Those of other tests may end meanwhile.
    assert connections() <= before


@ON_EACH
def test_a_connection_that_broke_is_made_anew(clients: QueueClients) -> None:
    clients.queue.publish(CONTRACT, JobPayload(id="a"), request_id="r")
    assert clients.queue.count() == 1
    clients.queue._counting.close()
    with pytest.raises(Exception, match=r".*"):
        clients.queue.count()
    assert clients.queue.count() == 1
