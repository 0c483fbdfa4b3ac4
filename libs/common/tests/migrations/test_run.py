"""Migrations are applied once, by one process at a time, and again after a kill."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pymongo.database import Database

from common.config import Settings
from common.migration import COLLECTION, MigrationError
from common.migrations.run import LOCK, FailedError, Lock, LockLostError, changed, migrate
from common.migrations.standing import standing
from common.mongo import Document
from testing.waiting import eventually

from .conftest import Make

# Each notes that it ran.
UP = 'def up(database):\n    database["ran"].insert_one({"name": __name__.rpartition(".")[2]})\n'
FAILS = 'def up(database):\n    raise ValueError("no")\n'
# Applies what is missing, in a process of its own.
PROGRAM = """
import os, signal, sys
from importlib import import_module
from common.clients import Clients
from common.config import Settings
from common.feature import features_of
from common.migrations.run import migrate

# As in a terminal; a shell starts what runs in the background without it.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, os.environ["PRODUCT"])
with Clients(Settings.load(os.environ, env_files=())) as clients:
    migrate(clients.database, features_of(import_module("migrated_product")), "2.0.0", print, lease=2)
"""
# Goes through the documents one by one, and stands still at one of them as long as a file is there.
SLOW = """
import os, time
from pathlib import Path


def up(database):
    for document in database["things"].find({"new": {"$exists": False}}).sort("_id"):
        while document["_id"] == 3 and Path(os.environ.get("HOLD", "nowhere")).exists():
            time.sleep(0.02)
        change = {"$set": {"new": document["old"] * 2}, "$inc": {"n": 1}}
        database["things"].update_one({"_id": document["_id"]}, change)
"""

told: list[str] = []


def silent(line: str) -> None:
    told.append(line)


def ran(database: Database[Document]) -> list[str]:
    return [each["name"] for each in database["ran"].find().sort("_id")]


def test_each_is_applied_once_feature_by_feature_in_the_order_of_the_numbers(
    make: Make, database: Database[Document]
) -> None:
    features = make(note={"0002_b": UP, "0001_a": UP}, bill={"0001_c": f"INCOMPATIBLE = True\n{UP}"})
    assert standing(database, features).behind == ("bill.0001_c", "note.0001_a", "note.0002_b")
    assert migrate(database, features, "1.2.0", silent) == ["bill.0001_c", "note.0001_a", "note.0002_b"]
    assert migrate(database, features, "1.2.0", silent) == []
    assert ran(database) == ["0001_c", "0001_a", "0002_b"]
    recorded = {each["_id"]: each for each in database[COLLECTION].find()}
    assert {name: each["incompatible"] for name, each in recorded.items()} == {
        "bill.0001_c": True,
        "note.0001_a": False,
        "note.0002_b": False,
    }
    one = recorded["note.0001_a"]
    assert (one["feature"], one["version"], one["seconds"] >= 0) == ("note", "1.2.0", True)
    assert one["at"]


def test_one_that_came_later_with_a_lower_number_is_applied_too(make: Make, database: Database[Document]) -> None:
    migrate(database, make(note={"0002_b": UP}), "1", silent)
    assert migrate(database, make(note={"0001_a": UP}), "1", silent) == ["note.0001_a"]


def test_one_that_fails_is_not_recorded_and_nothing_after_it_runs(make: Make, database: Database[Document]) -> None:
    with pytest.raises(FailedError, match=r"note\.0002_b failed \(ValueError: no\)"):
        migrate(database, make(note={"0001_a": UP, "0002_b": FAILS, "0003_c": UP}), "1", silent)
    assert [each["_id"] for each in database[COLLECTION].find()] == ["note.0001_a"]
    assert migrate(database, make(note={"0002_b": UP}), "1", silent) == ["note.0002_b", "note.0003_c"]
    assert ran(database) == ["0001_a", "0002_b", "0003_c"]


def test_one_that_is_declared_wrongly_is_told_before_anything_runs(make: Make, database: Database[Document]) -> None:
    with pytest.raises(MigrationError):
        migrate(database, make(note={"0001_a": UP, "0002_b": "pass"}), "1", silent)
    assert ran(database) == []


def test_one_whose_file_was_changed_is_told_and_not_repeated(make: Make, database: Database[Document]) -> None:
    features = make(note={"0001_a": UP, "0002_b": UP})
    migrate(database, features, "1", silent)
    assert changed(database, features) == []
    assert changed(database, make(note={"0002_b": "import what_is_no_more"})) == ["note.0002_b"]


def test_several_at_once_apply_each_once(make: Make, database: Database[Document]) -> None:
    slowly = f"import time\n{UP}    time.sleep(0.2)\n"
    features = make(note={"0001_a": slowly, "0002_b": slowly})
    threads = [threading.Thread(target=migrate, args=(database, features, "1", silent)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran(database) == ["0001_a", "0002_b"]
    assert database[COLLECTION].find_one({"_id": LOCK}) is None


def test_who_lost_the_lock_while_it_stood_still_records_nothing(make: Make, database: Database[Document]) -> None:
    taken = f'{UP}    database["{COLLECTION}"].update_one({{"_id": "{LOCK}"}}, {{"$set": {{"token": "another"}}}})\n'
    with pytest.raises(LockLostError):
        migrate(database, make(note={"0001_a": taken}), "1", silent)
    assert database[COLLECTION].count_documents({"feature": "note"}) == 0


def test_a_lock_is_renewed_as_long_as_it_is_held(database: Database[Document]) -> None:
    said: list[str] = []
    with Lock(database, lease=0.6).held(silent):
        waiting = threading.Thread(target=lambda: _take(Lock(database, lease=0.6), said))
        waiting.start()
        waiting.join(1.5)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()
    assert said[0].startswith(f"waiting for process {os.getpid()} on ")


def _take(lock: Lock, said: list[str]) -> None:
    with lock.held(said.append):
        pass


@pytest.fixture
def slow(
    make: Make, settings: Settings, environ: dict[str, str], database: Database[Document], tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a process that applies a slow migration and stands in the middle of it; stops what a test has left."""
    make(thing={"0001_double": SLOW})
    database["things"].insert_many([{"_id": number, "old": number} for number in range(6)])
    hold = tmp_path / "hold"
    hold.touch()
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        own = {"PRODUCT": str(tmp_path), "HOLD": str(hold)}
        process = subprocess.Popen([sys.executable, "-c", PROGRAM], env={**os.environ, **environ, **own})
        started.append(process)
        eventually(lambda: database["things"].count_documents({"new": {"$exists": True}}) == 3)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(10)


@pytest.mark.integration
def test_after_a_kill_in_the_middle_the_next_run_waits_for_the_lease_and_goes_on(
    make: Make, slow: Callable[[], subprocess.Popen[bytes]], database: Database[Document]
) -> None:
    process = slow()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    features, said = make(), list[str]()
    assert standing(database, features).behind == ("thing.0001_double",)
    assert migrate(database, features, "2", said.append) == ["thing.0001_double"]
    assert said[0].startswith(f"waiting for process {process.pid} on ")
    assert [(each["new"], each["n"]) for each in database["things"].find().sort("_id")] == [
        (2 * number, 1) for number in range(6)
    ]


@pytest.mark.integration
def test_after_an_interruption_nobody_has_to_wait(
    make: Make, slow: Callable[[], subprocess.Popen[bytes]], database: Database[Document]
) -> None:
    process = slow()
    process.send_signal(signal.SIGINT)
    process.wait(10)
    said = list[str]()
    assert migrate(database, make(), "2", said.append) == ["thing.0001_double"]
    assert not [line for line in said if line.startswith("waiting")]
