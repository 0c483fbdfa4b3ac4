"""Fixtures that give any test a queue of its own, on a real broker."""

import os
import secrets
from collections.abc import Iterator

import pytest

from common import brokers
from common.config import Settings
from common.queue.broker import address_of
from common.queue.clients import QueueClients
from devkit.terminal import CommandError
from testing import fixtures
from testing.brokers import FIRST, on_port
from testing.servers import Servers

# What a worker and its beat import.
LIBRARIES = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    *(kind.driver for kind in brokers.kinds()),
)


@pytest.fixture
def broker() -> str:
    """Provide the broker of a test; `testing.brokers.ON_EACH` runs a test on each."""
    return FIRST


@pytest.fixture
def environ(servers: Servers, broker: str) -> dict[str, str]:
    """Provide the settings of one test as an environment."""
    return new_environ(servers, broker)


@pytest.fixture
def clients(settings: Settings) -> Iterator[QueueClients]:
    """Clients of the real servers; the test's database is removed afterwards."""
    with QueueClients(settings) as opened:
        yield opened
        fixtures.drop(opened.database.client, settings.mongo_database)


def new_environ(servers: Servers, broker: str) -> dict[str, str]:
    """Return settings as an environment, with a database and a queue of their own."""
    up(servers, broker)
    return {**fixtures.new_environ(servers), "BROKER": broker, **_address(servers, broker)}


def up(servers: Servers, broker: str) -> None:
    """Start the broker. Where it is not installed its tests are skipped, but never in CI."""
    try:
        servers.up(broker)
    except CommandError as error:
        if os.environ.get("CI") or "was not found" not in str(error):
            raise
        pytest.skip(str(error).splitlines()[-1])


def _address(servers: Servers, broker: str) -> dict[str, str]:
    """Return the settings of a queue of its own: its name is the project's, which keeps messages apart on a broker."""
    project = f"t{secrets.token_hex(4)}"
    known = {**servers.environ, "BROKER": broker}
    real, own = (address_of(Settings.load(each, env_files=())) for each in (known, {**known, "PROJECT": project}))
    # A server that has a place for one project only bears the name of the one that it was started for.
    return {"PROJECT": project} if own == real else {"PROJECT": project, "BROKER_URL": real}


def nowhere(port: int) -> dict[str, str]:
    """Return settings by which no broker is found; nothing listens on the port."""
    return on_port(port)
