"""Fixtures that give any test its own real servers. The root `conftest.py` makes them known to every package."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.environment import clean
from common.mongo import Document
from devkit.servers.selection import SERVERS
from testing.servers import MARK, Servers, guard

# The asserts of that module tell what differs, as those of the tests do.
pytest.register_assert_rewrite("testing.checked_client")

# The servers of a run of several processes, `pytest -n`, in the process that distributes the tests.
RUN = pytest.StashKey[tuple[tempfile.TemporaryDirectory[str], Servers]]()
# Where Linux keeps files in memory, and how many bytes the data of a run may take there.
MEMORY, ENOUGH = Path("/dev/shm"), 4 * 1024**3  # noqa: S108 - the folder in it has a name of its own


def pytest_configure() -> None:
    """Run tests in an environment without the libraries' variables, as the product does."""
    clean(os.environ)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each process of a run where its servers are; the first one that needs a server starts it."""
    stash: pytest.Stash = node.config.stash
    if RUN not in stash:
        folder = tempfile.TemporaryDirectory(prefix="servers-", dir=_quick_folder(), ignore_cleanup_errors=True)
        stash[RUN] = folder, Servers(Path(folder.name), started=set(SERVERS))
    _, servers = stash[RUN]
    node.workerinput["servers"] = str(servers.data), servers.environ


def _quick_folder() -> Path | None:
    """Return where files are kept in memory, if there is room: each collection and each index of a test is a file."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of a run when all its processes have ended."""
    if shared := config.stash.get(RUN, None):
        folder, servers = shared
        servers.down()
        folder.cleanup()


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """MongoDB for all tests of the run; another server is started when a test first needs it."""
    if shared := getattr(request.config, "workerinput", {}).get("servers"):
        folder, environ = shared
        started = Servers(Path(folder), environ)
        started.up("mongo")
        yield started
        return
    with Servers(tmp_path_factory.mktemp("servers")) as started:
        started.up("mongo")
        yield started


@pytest.fixture
def environ(servers: Servers) -> dict[str, str]:
    """Provide the settings of one test as an environment."""
    return new_environ(servers)


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    """Provide the settings of one test; the developer's own settings files are not read."""
    return Settings.load(environ, env_files=())


@pytest.fixture
def clients(settings: Settings) -> Iterator[Clients]:
    """Clients of the real servers; the test's database is removed afterwards."""
    with Clients(settings) as opened:
        yield opened
        drop(opened.database.client, settings.mongo_database)


@pytest.fixture
def database(clients: Clients) -> Database[Document]:
    """Provide a database of the test's own, empty."""
    return clients.database


def new_environ(servers: Servers) -> dict[str, str]:
    """Return settings as an environment, with a database of their own."""
    return {**servers.environ, "ENVIRONMENT": "test", "MONGO_DATABASE": f"{MARK}{secrets.token_hex(6)}"}


def drop(mongo: MongoClient[Document], name: str) -> None:
    """Remove a test's database. Raises UnsafeDatabaseError for any other."""
    mongo.drop_database(guard(name))
