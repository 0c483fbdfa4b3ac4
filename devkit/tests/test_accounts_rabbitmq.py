"""Each cell of the table of accounts in docs/security.md about RabbitMQ: what is allowed works, all else is refused."""

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import amqp
import pytest

from devkit.servers.private import Servers

from .test_accounts import settings

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("epmd") is None, reason="RabbitMQ is not installed on this machine"),
]
QUEUE = "product.jobs"
TRIED: dict[str, Callable[[Any], object]] = {
    "send to the queue": lambda channel: channel.basic_publish_confirm(amqp.Message("x"), QUEUE, QUEUE),
    "send to any queue": lambda channel: channel.basic_publish_confirm(amqp.Message("x"), "", QUEUE),
    "count the messages": lambda channel: channel.queue_declare(QUEUE, passive=True),
    "fetch a message": lambda channel: channel.basic_get(QUEUE, no_ack=True),
    "listen": lambda channel: channel.basic_consume(QUEUE, callback=lambda message: None),
    "make the queue": lambda channel: channel.queue_declare(QUEUE, durable=True, auto_delete=False),
    "empty the queue": lambda channel: channel.queue_purge(QUEUE),
    "make another queue": lambda channel: channel.queue_declare("product.other", auto_delete=True),
    "make a foreign queue": lambda channel: channel.queue_declare("other"),
    "make an exchange": lambda channel: channel.exchange_declare("other", "direct"),
}
SENDING = {"send to the queue", "count the messages"}
WORKING = {*SENDING, "fetch a message", "listen", "make the queue", "empty the queue"}
ALLOWED = {"": {*WORKING, "make another queue"}, "api": SENDING, "worker": WORKING}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("accounts")) as started:
        started.up("rabbitmq")
        yield started


def connect(servers: Servers, service: str, **other: str) -> amqp.Connection:
    known = settings(servers.environ, service)
    account: dict[str, Any] = {
        "userid": known["RABBITMQ_USER"],
        "password": known["RABBITMQ_PASSWORD"],
        "virtual_host": "product",
    }
    address = f"127.0.0.1:{known['RABBITMQ_PORT']}"
    return amqp.Connection(address, login_method="PLAIN", connect_timeout=10, **{**account, **other})


def is_refused(servers: Servers, service: str, do: Callable[[Any], object]) -> bool:
    with connect(servers, service) as connection:
        try:
            do(connection.channel())
        except amqp.AccessRefused:
            return True
    return False


@pytest.mark.parametrize("service", ALLOWED)
def test_an_account_may_do_what_its_work_needs_and_nothing_else(servers: Servers, service: str) -> None:
    found = {what for what, do in TRIED.items() if not is_refused(servers, service, do)}
    assert found == ALLOWED[service]


def test_nobody_else_is_let_in_and_nobody_leaves_the_virtual_host(servers: Servers) -> None:
    for other in ({"userid": "guest", "password": "guest"}, {"password": "wrong"}, {"virtual_host": "/"}):
        with pytest.raises((amqp.AccessRefused, amqp.NotAllowed)):
            connect(servers, "api", **other).connect()


def test_nobody_is_an_administrator(servers: Servers) -> None:
    users = json.loads((servers.data / "rabbitmq" / "definitions.json").read_text())["users"]
    assert {user["name"]: user["tags"] for user in users} == {"product": "", "product-api": "", "product-worker": ""}
