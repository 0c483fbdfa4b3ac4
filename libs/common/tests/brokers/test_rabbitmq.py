"""What the driver of RabbitMQ is told."""

import ssl
from pathlib import Path
from typing import Any

import amqp
import pytest
import trustme
from kombu import Connection

from common.brokers.rabbitmq import RabbitMQSettings
from common.config import ConfigError, Settings
from common.queue import tls
from common.queue.broker import address_of, kind_of
from common.queue.clients import QueueClients
from common.queue.contract import Contract, JobPayload
from common.queue.producer import transport_options


def load(**environ: str) -> Settings:
    return Settings.load({"BROKER": "rabbitmq", **environ}, env_files=())


def test_authority_and_the_name_that_the_address_has_are_verified(tmp_path: Path) -> None:
    authority = str(tmp_path / "authority.pem")
    trustme.CA().cert_pem.write_to_path(authority)
    broker = tls.broker(load(BROKER_URL="amqps://u:p@localhost:1/v", BROKER_TLS_CA_FILE=authority))
    assert broker.options == {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "localhost", "ca_certs": authority}


def test_what_is_not_understood_does_not_weaken() -> None:
    broker = tls.broker(load(BROKER_URL="amqps://h/?ssl_cert_reqs=whatever&ssl_check_hostname=whatever&ssl=0"))
    assert broker.options == {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "h"}


def test_it_sends_messages_by_itself() -> None:
    assert kind_of(load()).pushes


def test_the_address_quotes_the_password() -> None:
    assert address_of(load(RABBITMQ_PASSWORD="f/g")) == "amqp://product:f%2Fg@127.0.0.1:5672/product"


@pytest.mark.parametrize("name", ["a", "a-name-2"])
def test_account_and_virtual_host_bear_the_products_name_unless_the_account_has_another(name: str) -> None:
    settings = load(PROJECT=name, RABBITMQ_PASSWORD="p")
    assert settings.section(RabbitMQSettings).rabbitmq_user == name
    assert address_of(settings) == f"amqp://{name}:p@127.0.0.1:5672/{name}"
    other = load(PROJECT=name, RABBITMQ_PASSWORD="p", RABBITMQ_USER="rabbit")
    assert address_of(other) == f"amqp://rabbit:p@127.0.0.1:5672/{name}"


def test_its_settings_are_checked() -> None:
    with pytest.raises(ConfigError, match="RABBITMQ_HOST"):
        load(RABBITMQ_HOST="a b")


def test_the_address_says_the_kind_whatever_broker_names() -> None:
    settings = Settings.load({"BROKER_URL": "amqp://h/v"}, env_files=())
    assert kind_of(settings).name == "rabbitmq"
    assert transport_options(settings, timeout=3) == {"confirm_publish": True, "read_timeout": 3, "write_timeout": 3}


@pytest.mark.parametrize("broker", ["rabbitmq"])
def test_a_queue_that_does_not_outlive_a_restart_is_told_of(clients: QueueClients) -> None:
    assert clients.queue.broken_promises() == []
    name = f"{clients.settings.project}.jobs"
    with Connection(address_of(clients.settings)) as connection:
        channel: Any = connection.channel()
        channel.queue_declare(name, durable=False, auto_delete=False)
        assert clients.promises()["broker"]() == [
            f"RabbitMQ has a queue {name} that is not durable; delete it, and it is made anew"
        ]
        channel.queue_delete(name)
    clients.queue.publish(Contract("test.kind", JobPayload), JobPayload(id="a"), request_id="r")
    assert clients.queue.broken_promises() == []


@pytest.mark.parametrize("broker", ["rabbitmq"])
def test_a_message_that_is_too_large_is_refused_and_whoever_sent_it_knows(clients: QueueClients) -> None:
    options = transport_options(clients.settings, timeout=5)
    with Connection(address_of(clients.settings), transport_options=options) as connection:
        queue = connection.SimpleQueue(f"{clients.settings.project}.large")
        queue.put("x" * 2**19)
        with pytest.raises(amqp.PreconditionFailed, match="larger than configured max size"):
            queue.put("x" * 2**21)
    with Connection(address_of(clients.settings)) as connection:
        queue = connection.SimpleQueue(f"{clients.settings.project}.large")
        assert queue.qsize() == 1
        queue.queue.delete()
