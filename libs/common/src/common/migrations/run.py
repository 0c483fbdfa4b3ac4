"""Apply migrations: one process at a time, each migration recorded when it is done, to be repeated when it is not.

A migration that was stopped in the middle runs again from its beginning, so `up` must bear that: it changes only what
is not changed yet. Nothing is taken back by itself.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from common.feature import Feature
from common.migration import COLLECTION, Migration, Step
from common.migrations.standing import standing
from common.mongo import Document

log = logging.getLogger(__name__)

LOCK = "lock"
# Seconds after which the lock of a process that was killed is free; it is renewed six times in that time.
LEASE = 30.0
# Seconds between two looks at a lock that another process has, and between two lines about a long migration.
PAUSE, NEWS = 0.2, 30.0

Tell = Callable[[str], None]


class FailedError(Exception):
    """A migration raised an error, or was stopped; the message says which, and the cause is the error."""


class LockLostError(Exception):
    """This process stood still for so long that another one may apply the same migration."""


def migrate(
    database: Database[Document], features: Sequence[Feature], version: str, tell: Tell, *, lease: float = LEASE
) -> list[str]:
    """Apply what is missing, feature by feature in the order of the numbers; return the ids of what was applied.

    Waits while another process does that. `tell` is given lines for people. Raises FailedError, LockLostError,
    MigrationError before anything is changed, and PyMongoError.
    """
    if not standing(database, features).behind:
        return []
    lock = Lock(database, lease)
    with lock.held(tell):
        missing = standing(database, features).behind
        declared = {each.id: each for feature in features for each in feature.migrations}
        steps = [(declared[name], declared[name].load()) for name in missing]
        for migration, step in steps:
            _apply(database, migration, step, version, lock, tell)
    return list(missing)


def changed(database: Database[Document], features: Sequence[Feature]) -> list[str]:
    """Return the ids of the migrations whose files were changed after they were applied."""
    recorded = {each["_id"]: each["checksum"] for each in database[COLLECTION].find({"checksum": {"$exists": True}})}
    declared = [each for feature in features for each in feature.migrations if each.id in recorded]
    return [each.id for each in declared if each.checksum() != recorded[each.id]]


class Lock:
    """A document that one process holds at a time; its lease, in seconds, is counted by the server's clock."""

    def __init__(self, database: Database[Document], lease: float) -> None:
        self._locks, self._seconds = database[COLLECTION], lease
        self._owner = f"process {os.getpid()} on {socket.gethostname()}"
        # A process id may come again after a kill.
        self._token = secrets.token_hex(8)
        self._stopped = threading.Event()
        # What is under way, and since when.
        self.task: tuple[str, float] | None = None

    @contextmanager
    def held(self, tell: Tell) -> Iterator[None]:
        """Hold the lock in a block; wait for it before, and let it go after."""
        self._wait(tell)
        renewal = threading.Thread(target=self._renew_again, args=(tell,), name="migration-lock", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            self._stopped.set()
            renewal.join()
            self._locks.delete_one({"_id": LOCK, "token": self._token})

    def check(self) -> None:
        """Raise LockLostError when another process may have taken the lock."""
        if not self._renew():
            raise LockLostError("this process stood still too long, and another one took over")

    def _wait(self, tell: Tell) -> None:
        told = ""
        while not self._take():
            holder = self._locks.find_one({"_id": LOCK}) or {}
            if (owner := str(holder.get("owner", ""))) and owner != told:
                tell(
                    f"waiting for {owner}, which applies migrations ({self._seconds:g} s at most if it was killed) ..."
                )
                told = owner
            time.sleep(PAUSE)

    def _take(self) -> bool:
        free = {"$setOnInsert": {"until": datetime.fromtimestamp(0, UTC)}}
        try:
            self._locks.update_one({"_id": LOCK}, free, upsert=True)
        except DuplicateKeyError:
            # Another process has just made it.
            return False
        return self._lease({"$expr": {"$lt": ["$until", "$$NOW"]}})

    def _renew(self) -> bool:
        return self._lease({"token": self._token})

    def _lease(self, condition: Document) -> bool:
        until = {"$add": ["$$NOW", round(self._seconds * 1000)]}
        own = {"owner": {"$literal": self._owner}, "token": self._token, "until": until}
        return self._locks.update_one({"_id": LOCK} | condition, [{"$set": own}]).matched_count == 1

    def _renew_again(self, tell: Tell) -> None:
        told = time.monotonic()
        while not self._stopped.wait(self._seconds / 6):
            try:
                self._renew()
            except PyMongoError as error:
                log.debug("The lock was not renewed (%s).", type(error).__name__)
            if self.task is not None and time.monotonic() - max(told, self.task[1]) >= NEWS:
                told = time.monotonic()
                tell(f"{self.task[0]} is under way for {told - self.task[1]:.0f} s ...")


def _apply(
    database: Database[Document], migration: Migration, step: Step, version: str, lock: Lock, tell: Tell
) -> None:
    began = time.monotonic()
    lock.task = migration.id, began
    tell(f"{migration.id} ...")
    try:
        step.up(database)
    except KeyboardInterrupt:
        tell(f"{migration.id} was stopped. It is not recorded; the next run repeats it.")
        raise
    except Exception as error:
        raise FailedError(f"{migration.id} failed ({type(error).__name__}: {error})") from error
    lock.check()
    seconds = time.monotonic() - began
    about: Document = {"feature": migration.feature, "checksum": migration.checksum(), "version": version}
    about |= {"seconds": round(seconds, 3), "incompatible": step.incompatible}
    fields = {name: {"$literal": value} for name, value in about.items()}
    database[COLLECTION].update_one({"_id": migration.id}, [{"$set": {**fields, "at": "$$NOW"}}], upsert=True)
    tell(f"{migration.id} is applied, after {seconds:.1f} s")
