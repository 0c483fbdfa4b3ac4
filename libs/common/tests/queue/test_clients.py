import socket

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from common.config import Settings
from common.queue.broker import address_of
from common.queue.clients import QueueClients
from common.queue.contract import Contract, JobPayload
from testing.brokers import ON_EACH, on_port
from testing.servers import unused_ports
from testing.waiting import eventually, soon

CONTRACT = Contract("test.kind", JobPayload)


def away(broker: str, port: int) -> Settings:
    """Settings of a broker that is not there."""
    return Settings.load({"BROKER": broker, **on_port(port)}, env_files=())


def errors(settings: Settings) -> tuple[type[BaseException], ...]:
    """What the driver raises when its server is away."""
    return (OSError, *Connection(address_of(settings)).connection_errors)


@ON_EACH
def test_both_parts_answer_a_ping_with_their_latency(clients: QueueClients) -> None:
    pings = clients.ping()
    assert {name: ping.ok for name, ping in pings.items()} == {"mongo": True, "broker": True}
    assert all(ping.latency_ms is not None and ping.latency_ms >= 0 for ping in pings.values())


@ON_EACH
def test_parts_that_are_away_are_told_without_an_address(broker: str) -> None:
    mongo, port = unused_ports(2)
    settings = Settings.load({"MONGO_PORT": str(mongo), "BROKER": broker, **on_port(port)}, env_files=())
    with QueueClients(settings) as clients:
        pings = clients.ping()
    assert not any(ping.ok for ping in pings.values())
    assert not any(str(port) in str(ping.error) for ping in pings.values())


@ON_EACH
def test_a_message_is_confirmed_by_the_broker(clients: QueueClients) -> None:
    clients.queue.publish(CONTRACT, JobPayload(id="a"), request_id="r")


@ON_EACH
def test_the_broker_tells_how_many_messages_wait(clients: QueueClients) -> None:
    assert clients.queue.waiting() == 0
    for job_id in "abc":
        clients.queue.publish(CONTRACT, JobPayload(id=job_id), request_id="r")
    assert clients.queue.waiting() == 3


@ON_EACH
def test_a_broker_that_is_away_tells_nothing_and_says_so_soon(broker: str) -> None:
    settings = away(broker, *unused_ports(1))

    def ask() -> None:
        with QueueClients(settings) as clients, pytest.raises(errors(settings)):
            clients.queue.waiting()

    soon(ask, seconds=2)


@ON_EACH
def test_a_broker_that_is_frozen_tells_nothing_and_says_so_soon(broker: str) -> None:
    # Connections are accepted by the system, and nobody answers.
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        settings = away(broker, frozen.getsockname()[1])

        def ask() -> None:
            with QueueClients(settings) as clients, pytest.raises(errors(settings)):
                clients.queue.waiting(timeout=0.5)

        soon(ask, seconds=5)


@ON_EACH
def test_publishing_to_a_broker_that_is_away_fails(broker: str) -> None:
    with QueueClients(away(broker, *unused_ports(1))) as clients, pytest.raises((OperationalError, OSError)):
        clients.queue.publish(CONTRACT, JobPayload(id="a"), request_id="r")


def test_sending_more_than_the_publisher_holds_never_fails_while_the_broker_is_away() -> None:
    with QueueClients(away("", *unused_ports(1))) as clients:
        for _ in range(5000):
            clients.publisher.send(CONTRACT, JobPayload(id="a"), request_id="r")


def test_a_message_reaches_the_broker_before_the_clients_close(environ: dict[str, str], settings: Settings) -> None:
    with QueueClients(settings) as clients:
        clients.publisher.send(CONTRACT, JobPayload(id="a"), request_id="r")
    with QueueClients(settings) as clients, clients.queue._app.connection_for_read() as connection:
        queue = connection.SimpleQueue(f"{settings.project}.jobs")
        message = eventually(lambda: queue.get(timeout=5))
        assert message.headers["task"] == "test.kind"
        assert message.headers["request_id"] == "r"
        message.ack()
        queue.close()
