"""What the driver of Valkey and Redis is told."""

import ssl
from pathlib import Path

import pytest
import redis
import trustme

from common.brokers.redis import RedisSettings
from common.config import ConfigError, Settings
from common.queue import tls
from common.queue.broker import address_of, kind_of
from common.queue.clients import QueueClients
from common.queue.producer import transport_options
from testing.servers import Servers


def load(**environ: str) -> Settings:
    return Settings.load({"BROKER": "redis", **environ}, env_files=())


@pytest.mark.parametrize("scheme", ["rediss", "REDISS"])
def test_authority_and_name_are_verified(scheme: str, tmp_path: Path) -> None:
    authority = str(tmp_path / "authority.pem")
    trustme.CA().cert_pem.write_to_path(authority)
    broker = tls.broker(load(BROKER_URL=f"{scheme}://h/0", BROKER_TLS_CA_FILE=authority))
    assert broker.options == {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        "ssl_ca_certs": authority,
    }


def test_the_options_of_an_address_do_not_reach_the_driver_past_ours() -> None:
    broker = tls.broker(load(BROKER_URL="rediss://:p%26@h/0?ssl_cert_reqs=required&virtual_host=1&ssl_certfile=/c"))
    assert broker.address == "rediss://:p%26@h/0?virtual_host=1"
    assert broker.options == {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        "ssl_certfile": "/c",
    }


def test_the_address_quotes_the_password_and_has_the_host_of_the_settings() -> None:
    assert address_of(load(REDIS_PASSWORD="d/e")) == "redis://product:d%2Fe@127.0.0.1:6379/0"
    assert address_of(load(REDIS_PASSWORD="d", REDIS_USER="other")) == "redis://other:d@127.0.0.1:6379/0"
    assert address_of(load(REDIS_HOST="redis", REDIS_PORT="1")) == "redis://redis:1/0"


def test_it_is_asked_for_each_message() -> None:
    assert not kind_of(load()).pushes


def test_its_settings_are_checked_and_hide_the_password() -> None:
    with pytest.raises(ConfigError, match="REDIS_PORT"):
        load(REDIS_PORT="70000")
    section = load(REDIS_PASSWORD="hush-hush").section(RedisSettings)
    assert "hush-hush" not in f"{section!r} {section.model_dump_json()}"


def test_what_was_fetched_and_lost_comes_back_a_minute_after_the_longest_task() -> None:
    options = transport_options(load(PROJECT="mine", TASK_TIME_LIMIT="100"), timeout=5)
    assert (options["visibility_timeout"], options["global_keyprefix"]) == (160, "mine:")


def test_a_socket_is_an_address_too() -> None:
    assert kind_of(load(BROKER_URL="redis+socket:///run/valkey.sock")).name == "redis"


def test_one_that_forgets_or_deletes_messages_is_told_of(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        servers.up("redis")
        settings = Settings.load({**servers.environ, "BROKER": "redis"}, env_files=())
        with QueueClients(settings) as clients, redis.Redis.from_url(address_of(settings)) as server:
            assert clients.queue.broken_promises() == []
            server.config_set("appendonly", "no")
            server.config_set("maxmemory-policy", "allkeys-lru")
            assert clients.promises()["broker"]() == [
                "Valkey has no append-only file; set `appendonly yes`",
                "Valkey deletes messages when its memory is full; set `maxmemory-policy noeviction`",
            ]


def fill(server: redis.Redis) -> None:
    for number in range(100):
        server.set(f"more-{number}", "x" * 2**16)


def test_full_memory_is_an_error_for_whoever_writes_and_deletes_nothing(tmp_path: Path) -> None:
    with Servers(tmp_path) as servers:
        servers.up("redis")
        settings = Settings.load({**servers.environ, "BROKER": "redis"}, env_files=())
        with redis.Redis.from_url(address_of(settings)) as server:
            server.set("first", "kept")
            server.config_set("maxmemory", server.info("memory")["used_memory"] + 2**20)
            with pytest.raises(redis.OutOfMemoryError):
                fill(server)
            assert server.get("first") == b"kept"
