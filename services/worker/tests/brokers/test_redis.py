"""Nothing stays on Valkey of what is not ours."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from services.worker.tests.conftest import Ended, Post

from common.queue.broker import address_of
from testing.servers import Servers
from testing.waiting import eventually

from .conftest import Worker, refused, started_workers
from .redis import HOSTILE

pytestmark = pytest.mark.integration


@pytest.fixture
def broker() -> str:
    """The broker of these tests."""
    return "redis"


@pytest.fixture(scope="module")
def workers(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Worker]]:
    """For each broker one worker, for all tests of this file."""
    with started_workers(servers, tmp_path_factory) as started:
        yield started


@pytest.fixture
def records(own: Worker) -> Iterator[Any]:
    """What Valkey remembers of messages that were fetched and not acknowledged."""
    prefix = f"{own.settings.project}:"
    with redis.Redis.from_url(address_of(own.settings)) as client:
        yield SimpleNamespace(
            add=lambda tag, record: (
                client.hset(f"{prefix}unacked", tag, record),
                client.zadd(f"{prefix}unacked_index", {tag: 1}),
            ),
            gone=lambda: not client.exists(f"{prefix}unacked", f"{prefix}unacked_index"),
        )


def test_nothing_is_left_of_what_was_refused(own: Worker, records: Any) -> None:
    for item in HOSTILE.values():
        own.put(item)
    eventually(lambda: own.queue.waiting() == 0)
    eventually(records.gone)


def test_a_record_of_what_was_fetched_that_cannot_be_read_is_removed(
    own: Worker, records: Any, post: Post, ended: Ended
) -> None:
    before = refused(own)
    for tag, record in (("a", b"\xff no json"), ("b", b"[]"), ("c", b"5"), ("d", b'["x", 1, 2]'), ("e", b'{"a": 1}')):
        records.add(tag, record)
    eventually(records.gone)
    assert refused(own) >= before + 3
    assert ended(post(patience=600), seconds=20)["job"]["state"] == "done"
