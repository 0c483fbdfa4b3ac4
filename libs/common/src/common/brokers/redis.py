"""Valkey or Redis: a list that workers ask for the next message. It starts in milliseconds."""

import ssl
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from common.broker import BrokerKind, BrokerSettings
from common.server_settings import Host, Port, credentials


class RedisSettings(BrokerSettings):
    """Where it is, and the account; an empty name is the project's."""

    redis_host: Host = "127.0.0.1"
    redis_port: Port = 6379
    redis_user: str = ""
    redis_password: SecretStr = SecretStr("")

    def address(self, project: str, *, encrypted: bool = False) -> str:
        """Return the address of its first database; keys bear the project's name."""
        scheme = RedisKind.encrypted if encrypted else RedisKind.plain
        account = credentials(self.redis_user or project, self.redis_password.get_secret_value())
        return f"{scheme}://{account}{self.redis_host}:{self.redis_port}/0"


class RedisKind(BrokerKind):
    """Valkey or Redis."""

    name = "redis"
    title = "Valkey"
    place = 1
    settings = RedisSettings
    plain = "redis"
    encrypted = "rediss"
    local = ("redis+socket",)
    driver = "kombu.transport.redis"
    pushes = False
    named_after_project = ("REDIS_USER",)
    taken_names = {"default": "is Valkey's account for everybody"}  # noqa: RUF012 - the base class declares it

    def transport_options(self, project: str, *, timeout: float, time_limit: float) -> dict[str, Any]:
        """Bound each wait; keep the keys apart from another project's."""
        return {
            # A message that a worker had fetched and not begun with when it was killed comes back after this.
            "visibility_timeout": time_limit + 60,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "socket_timeout": timeout,
            "socket_connect_timeout": min(3.0, timeout),
            "socket_keepalive": True,
            "health_check_interval": 5,
            "global_keyprefix": f"{project}:",
        }

    def tls_options(
        self,
        files: Mapping[str, str],
        requirement: ssl.VerifyMode,
        *,
        check_name: bool,
        host: str,  # noqa: ARG002 - other kinds need it
    ) -> dict[str, Any]:
        """Name everything as an address does."""
        return {**files, "ssl_cert_reqs": requirement, "ssl_check_hostname": check_name}

    def broken_promises(self, channel: Any, queue: str) -> list[str]:  # noqa: ARG002 - other kinds need it
        """Return whether it forgets messages at a restart, or deletes some when its memory is full."""
        told = {**channel.client.info("persistence"), **channel.client.info("memory")}
        lines = []
        if not int(told["aof_enabled"]):
            lines.append("Valkey has no append-only file; set `appendonly yes`")
        if told["maxmemory_policy"] != "noeviction":
            lines.append("Valkey deletes messages when its memory is full; set `maxmemory-policy noeviction`")
        return lines

    def waiting(self, channel: Any, queue: str) -> int:
        """Return the length of the list; kombu's own look for it forgets `global_keyprefix`."""
        # It makes nothing by it.
        return int(channel.queue_declare(queue, passive=False).message_count)


KIND = RedisKind()
