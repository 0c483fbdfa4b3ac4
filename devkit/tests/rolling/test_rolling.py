"""A deployment across a migration, and the way back, while clients send jobs: none is refused, and none is lost."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import httpx2
import pytest
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.mongo import Document
from devkit.servers.private import Servers, private_settings
from devkit.servers.selection import needed_names
from jobs.heartbeat import processes
from testing.waiting import eventually

from .versions import Service, Version

pytestmark = pytest.mark.integration

# Goes from document to document, as a migration of a large collection does; after some it waits while a file is there.
ADD_LENGTH = """
import os
import time
from pathlib import Path


def up(database):
    for number, document in enumerate(database["examples"].find({"length": {"$exists": False}})):
        while number == 5 and Path(os.environ["HOLD"]).exists():
            time.sleep(0.02)
        database["examples"].update_one({"_id": document["_id"]}, {"$set": {"length": len(document["title"])}})
"""
RENAME = """
INCOMPATIBLE = True


def up(database):
    database["examples"].update_many({}, {"$rename": {"length": "size"}})
"""

New: TypeAlias = Callable[..., Version]


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    own = private_settings(ENVIRONMENT="test", MONGO_DATABASE="test_rolling", METRICS_PORT="0")
    own["HOLD"] = str(tmp_path / "hold")
    with Servers(tmp_path / "data", own) as servers:
        servers.up(*needed_names(own))
        yield own


@pytest.fixture
def database(environ: dict[str, str]) -> Iterator[Database[Document]]:
    with Clients(Settings.load(environ, env_files=())) as clients:
        yield clients.database


@pytest.fixture
def new(environ: dict[str, str], tmp_path: Path) -> Iterator[New]:
    """Makes a version of the product."""
    with ExitStack() as stops:
        yield lambda name, **migrations: Version(tmp_path / name, environ, stops, **migrations)


# Seconds between two jobs: they come as long as a deployment takes, and each of them is to be done.
PAUSE = 0.03


class Client(threading.Thread):
    """Posts jobs one after the other, to an API that says it is ready; repeats what was not answered, with its key."""

    def __init__(self) -> None:
        super().__init__(name="client")
        # Changed by the test while the client runs.
        self.apis: list[Service] = []
        self.accepted: list[str] = []
        self.longest = 0.0
        self.refused: list[str] = []
        self._stopped = threading.Event()

    def run(self) -> None:
        with httpx2.Client(timeout=10, trust_env=False) as http:
            while not self._stopped.wait(PAUSE):
                began = time.monotonic()
                self.accepted.append(self._post(http, f"key-{len(self.accepted)}"))
                self.longest = max(self.longest, time.monotonic() - began)

    def more(self, number: int) -> None:
        """Wait until so many more jobs were accepted."""
        wanted = len(self.accepted) + number
        eventually(lambda: len(self.accepted) >= wanted, seconds=60)

    def stop(self) -> None:
        self._stopped.set()
        self.join(60)

    def _post(self, http: httpx2.Client, key: str) -> str:
        body = {"title": key, "values": [1, 2, 3]}
        while not self._stopped.is_set():
            for api in [api for api in self.apis if api.ready]:
                try:
                    answer = http.post(f"{api.url}/api/v1/examples", json=body, headers={"Idempotency-Key": key})
                except httpx2.TransportError:
                    continue
                if answer.status_code == 202:
                    return str(answer.json()["id"])
                self.refused.append(answer.text)
            time.sleep(0.02)
        return ""


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client()
    yield made
    if made.is_alive():
        made.stop()


def test_a_rolling_deployment_across_a_migration_and_a_rollback_lose_no_job(
    new: New, client: Client, database: Database[Document], tmp_path: Path
) -> None:
    old, later = new("old"), new("later", m001_add_length=ADD_LENGTH)
    assert old.admin("migrate")[0] == 0
    old_api, old_worker = old.api(), old.worker("old")
    assert old_api.ready
    client.apis.append(old_api)
    client.start()
    client.more(40)

    # Deployed in the wrong order, the new version is given nothing, and the old one goes on.
    new_api, new_worker = later.api(), later.worker("new")
    client.apis.append(new_api)
    behind = "The database is behind: example.0001_add_length is not applied. Run `invoke db-migrate`."
    assert (new_api.readiness(), new_worker.ready) == ((503, behind), False)
    client.more(10)

    (hold := tmp_path / "hold").touch()
    migration = later.migrating()
    eventually(lambda: database["examples"].count_documents({"length": {"$exists": True}}) == 5)
    client.more(10)
    hold.unlink()
    assert migration.wait(60) == 0
    assert database["examples"].count_documents({"length": {"$exists": True}}) >= 40
    eventually(lambda: new_api.ready and new_worker.ready)
    assert old_api.ready
    client.more(10)
    assert "The database is ahead of this process by example.0001_add_length." in old_api.said
    assert "This process is not ready" not in old_api.said + old_worker.said

    client.apis.remove(old_api)
    old_api.stop()
    old_worker.stop()
    client.more(20)

    # And back: the old version works on the migrated database.
    assert old.admin("migrate", "--check") == (
        0,
        "note: example.0001_add_length was applied, and is not part of this version\nNo migration is missing.\n",
    )
    old_api, old_worker = old.api(), old.worker("old")
    assert old_api.ready
    eventually(lambda: old_worker.ready)
    client.apis[:] = [old_api]
    new_api.stop()
    new_worker.stop()
    client.more(20)

    client.stop()
    accepted = [job for job in client.accepted if job]
    eventually(lambda: database["examples"].count_documents({"job.state": "done"}) >= len(accepted), seconds=60)
    jobs = {each["_id"]: each["job"] for each in database["examples"].find()}
    assert set(jobs) >= set(accepted)
    assert len(jobs) - len(set(accepted)) <= 1, "one may have been under way when the client stopped"
    assert {job["state"] for job in jobs.values()} == {"done"}
    assert (client.refused, len(set(accepted))) == ([], len(accepted))
    assert client.longest < 10, "no request had to wait for a deployment"


def test_after_an_incompatible_migration_only_the_new_version_works(
    new: New, client: Client, database: Database[Document]
) -> None:
    old = new("old", m001_add_length=ADD_LENGTH)
    later = new("later", m001_add_length=ADD_LENGTH, m002_rename=RENAME)
    assert old.admin("migrate")[0] == 0
    old_api, old_worker = old.api(), old.worker("old")
    assert (old_api.ready, old_worker.ready) == (True, True)
    assert later.admin("migrate")[0] == 0
    ahead = "The database is ahead: this version cannot run after example.0002_rename."
    eventually(lambda: old_api.readiness() == (503, ahead))
    eventually(lambda: ahead[4:-1] in " ".join(each.unhealthy for each in processes(database)))
    later_worker = later.worker("new")
    assert later_worker.ready
    client.apis += [old_api, later.api()]
    client.start()
    client.more(10)
    client.stop()
    wanted = len([job for job in client.accepted if job])
    eventually(lambda: database["examples"].count_documents({"job.state": "done"}) >= wanted, seconds=60)
    assert "example.work begins" not in old_worker.said
    assert later_worker.said.count("example.work begins") >= wanted
