"""Each cell of the table of accounts in docs/security.md about Valkey: what is allowed works, all else is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError

from devkit.servers.private import Servers

from .test_accounts import settings

ALLOWED = {
    "": ["SET product:a 1", "GET product:a", "DEL product:a", "LLEN product:product.jobs", "INFO memory", "DBSIZE"],
    "api": ["LPUSH product:product.jobs x", "LLEN product:product.jobs", "SADD product:_kombu.binding.product.jobs x"],
    "worker": ["LPUSH product:product.jobs x", "BRPOP product:product.jobs 1", "HSET product:unacked a b"],
}
# By nobody: another product's keys, and what is about the server.
NEVER = [
    "GET other:a",
    "SET other:a 1",
    "SET product 1",
    "KEYS *",
    "FLUSHALL",
    "FLUSHDB",
    "CONFIG GET maxmemory",
    "CONFIG SET maxmemory 1",
    "ACL LIST",
    "ACL SETUSER product-api +@all",
    "SHUTDOWN",
    "CLIENT KILL TYPE normal",
    "MONITOR",
    "REPLICAOF 127.0.0.1 1",
    "SAVE",
    "SUBSCRIBE a",
    "PUBLISH a b",
]
REFUSED = {
    "": NEVER,
    "api": [
        *NEVER,
        "BRPOP product:product.jobs 1",
        "RPOP product:product.jobs",
        "DEL product:product.jobs",
        "SET product:a 1",
    ],
    "worker": [*NEVER, "INCR product:limit:a", "GET product:limit:a", "SET product:a 1"],
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("accounts")) as started:
        started.up("redis")
        yield started


def client(servers: Servers, service: str) -> Redis:
    known = settings(servers.environ, service)
    account: dict[str, Any] = {"username": known["REDIS_USER"], "password": known["REDIS_PASSWORD"]}
    return Redis(port=int(known["REDIS_PORT"]), socket_timeout=5, **account)


@pytest.mark.parametrize("service", ALLOWED)
def test_an_account_may_do_what_its_work_needs(servers: Servers, service: str) -> None:
    with client(servers, service) as own:
        for command in ("PING", "INFO persistence", *ALLOWED[service]):
            own.execute_command(*command.split())


@pytest.mark.parametrize("service", REFUSED)
def test_an_account_may_do_nothing_else(servers: Servers, service: str) -> None:
    with client(servers, service) as own:
        for command in REFUSED[service]:
            with pytest.raises(NoPermissionError):
                own.execute_command(*command.split())


# [limits]
def test_the_api_counts_requests(servers: Servers) -> None:
    with client(servers, "api") as own:
        assert own.eval("return redis.call('INCR', KEYS[1])", 1, "product:limit:a") == 1


# [/limits]
def test_nobody_is_answered_without_an_account_of_ours(servers: Servers) -> None:
    port = int(servers.environ["REDIS_PORT"])
    accounts: list[dict[str, Any]] = [
        {},
        {"password": servers.environ["REDIS_PASSWORD"]},
        {"username": "product", "password": "x"},
    ]
    for account in accounts:
        with Redis(port=port, **account) as stranger, pytest.raises(AuthenticationError):
            stranger.get("product:a")
