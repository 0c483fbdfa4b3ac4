"""Heartbeats: a process that works writes a file for its supervisor, and a document for all other processes.

The documents stand in `processes`, one for each process, stamped by the server's clock, so a reader needs
neither the broker nor a clock that agrees with the others.
"""

import logging
import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pymongo
from pymongo import ASCENDING, IndexModel, WriteConcern
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common import supervisors
from common.access import READ, WRITE
from common.config import Settings
from common.mongo import CollectionSpec, Document

log = logging.getLogger(__name__)

COLLECTION = "processes"
# Seconds between two notes, and those that one may take.
PAUSE = 2.0
TIMEOUT = 1
# Seconds without a note after which a process counts as silent.
SILENCE = 10
# Seconds a silent process is remembered.
KEEP = 600

INDEXES = CollectionSpec(
    COLLECTION,
    [IndexModel([("at", ASCENDING)], name="process_expiry", expireAfterSeconds=KEEP)],
    access={"api": READ, "worker": WRITE},
)


@dataclass(frozen=True)
class Process:
    """A process as its last note tells; `silent_for` is in seconds, on the server's clock.

    `unhealthy` says why it lives and does not work; empty when it does.
    """

    name: str
    role: str
    version: str
    started_at: datetime
    silent_for: float
    unhealthy: str = ""

    @property
    def alive(self) -> bool:
        """Whether its last note is recent enough."""
        return self.silent_for < SILENCE

    @property
    def trouble(self) -> str:
        """What is wrong with it, in a few words; empty when nothing is."""
        return self.unhealthy if self.alive else f"silent for {self.silent_for:.0f} s"


class Heartbeat:
    """The signs of life of this process. None of its methods raises: a sign that fails is no reason to stop."""

    def __init__(self, settings: Settings, database: Database[Document], *, name: str, role: str) -> None:
        self._file = Path(settings.heartbeat_file) if settings.heartbeat_file else None
        # A note is worth nothing two seconds later, so it does not wait for the journal.
        self._processes = database.get_collection(COLLECTION, write_concern=WriteConcern(w=1))
        self._name = name
        self._about = {"role": role, "version": settings.version}
        self._noted = False
        self._healthy = True
        self._unhealthy = ""
        self._next = 0.0

    def beat(self, unhealthy: str = "", *, waiting: bool = False) -> None:
        """Give the signs: the file each time, the note every two seconds. Takes a second when MongoDB is away.

        A process that is `unhealthy`, which says why, leaves the file alone and its supervisor uninformed, so that it
        may be restarted. When it is `waiting` for a server that would not help: then another file says that it lives,
        and its supervisor is told so too.
        """
        if waiting or not unhealthy:
            supervisors.notify()
        if self._file is not None and (waiting or not unhealthy):
            touch(waiting_file(self._file) if unhealthy else self._file)
        if time.monotonic() >= self._next or unhealthy != self._unhealthy:
            self._unhealthy = unhealthy
            self._note()
            self._next = time.monotonic() + PAUSE

    def end(self) -> None:
        """Take the note away: who stops in an orderly way is not missed."""
        if self._noted:
            try:
                with pymongo.timeout(TIMEOUT):
                    self._processes.delete_one({"_id": self._name})
            except PyMongoError as error:
                log.debug("The process could not be signed off (%s).", type(error).__name__)

    def _note(self) -> None:
        # A note that was removed or has expired meanwhile begins anew.
        started: object = {"$ifNull": ["$started_at", "$$NOW"]} if self._noted else "$$NOW"
        about = {**self._about, "unhealthy": self._unhealthy}
        fields = {**{name: {"$literal": value} for name, value in about.items()}, "started_at": started}
        try:
            with pymongo.timeout(TIMEOUT):
                self._processes.update_one({"_id": self._name}, [{"$set": {**fields, "at": "$$NOW"}}], upsert=True)
        except PyMongoError as error:
            if self._healthy:
                log.warning("MongoDB did not take the heartbeat (%s).", type(error).__name__)
            self._healthy = False
        else:
            self._noted = self._healthy = True


def processes(database: Database[Document]) -> list[Process]:
    """Return the processes that gave a sign in the last ten minutes, by their names. Raises PyMongoError."""
    silent_for = {"$divide": [{"$subtract": ["$$NOW", "$at"]}, 1000]}
    notes = database[COLLECTION].aggregate([{"$set": {"silent_for": silent_for}}, {"$sort": {"_id": 1}}])
    return [
        Process(
            note["_id"],
            note["role"],
            note["version"],
            note["started_at"],
            note["silent_for"],
            # A process of an earlier version says nothing of it.
            note.get("unhealthy", ""),
        )
        for note in notes
    ]


def waiting_file(path: Path) -> Path:
    """Return where a process says that it is alive, beside its heartbeat file, while it cannot do its work."""
    return path.with_name(f"{path.name}.waiting")


def touch(path: Path) -> None:
    """Write the process id into a heartbeat file, whole or not at all; a full disk is no reason to stop."""
    try:
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(f"{os.getpid()}\n", encoding="ascii")
        draft.replace(path)
    except OSError as error:
        log.warning("The heartbeat could not be written: %s", error)
