"""Valkey under test."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from redis import Redis

from devkit.chaos.broker import BrokerHarness, Message


class RedisHarness(BrokerHarness):
    """Does it with commands to the server."""

    @property
    def _key(self) -> str:
        return f"{self._project}:{self._queue}"

    def messages_left(self) -> int:
        """Return the length of the list.

        What a lost connection had fetched is returned after `TASK_TIME_LIMIT` and a minute; by then other notifications
        have led to the same jobs.
        """
        with self._client() as redis:
            return int(redis.llen(self._key))

    def _limit_memory(self, *, none_left: bool) -> None:
        with self._client() as redis:
            # One byte; 0 is no limit.
            redis.config_set("maxmemory", int(none_left))

    def limit_holding(self, *, short: bool) -> None:
        """Do nothing: the worker has a setting for that."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Put them into the list, and others that are no messages at all."""
        with self._client() as redis:
            redis.lpush(self._key, b"\xff no json", b"", b"[1, 2]", b"null", b"9" * 6000, b"x" * 5_000_000)
            redis.lpush(self._key, *(json.dumps(_stored(*message)) for message in messages))

    def _client(self) -> Redis:
        user, password = (self._stack.settings[name] for name in ("REDIS_USER", "REDIS_PASSWORD"))
        return Redis(port=self._stack.broker_port, username=user, password=password, socket_timeout=10)


HARNESS = RedisHarness


def _stored(body: bytes, headers: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """Return a message as kombu stores it in a list of Redis."""
    delivery = {"exchange": "", "routing_key": "x"}
    return {
        "body": base64.b64encode(body).decode(),
        "content-type": properties.get("content_type", "application/json"),
        "content-encoding": properties.get("content_encoding", "utf-8"),
        "headers": headers,
        "properties": {"delivery_tag": "x", "body_encoding": "base64", "delivery_info": delivery},
    }
