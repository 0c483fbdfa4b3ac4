"""A worker that does what a test tells it, one thing at a time, and a way to let time pass.

The runner and the store are the product's own.
"""

import queue
import threading
from collections.abc import Mapping
from itertools import count
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from common.mongo import Document
from jobs.model import Claim, JobPolicy, PermanentError
from jobs.runner import Attempt, run_job
from jobs.store import JobStore
from testing.example import EXAMPLES, WORK, compute

# Seconds a thread gets to do one thing.
PATIENCE = 30
TIMES = (
    "expires_at",
    "at",
    "job.created_at",
    "job.notify_at",
    "job.lease_until",
    "job.not_before",
    "job.updated_at",
    "job.finished_at",
)


def move_times(documents: Collection[Document], seconds: float) -> None:
    """Moves all times that stand in the documents."""
    moved = {}
    for field in TIMES:
        later = {"$add": [f"${field}", round(seconds * 1000)]}
        moved[field] = {"$cond": [{"$eq": [{"$type": f"${field}"}, "date"]}, later, "$$REMOVE"]}
    documents.update_many({}, [{"$set": moved}])


class Killed(BaseException):
    """Stands for SIGKILL: whoever it hits does nothing any more."""


class KillableStore(JobStore):
    """A store that a dead worker cannot reach: the runner would give a job back, a killed process would not."""

    dead = False

    def retry(self, claim: Claim, error: str, *, detail: str = "", backoff: float | None = None) -> bool:
        if self.dead:
            raise Killed
        return super().retry(claim, error, detail=detail, backoff=backoff)


class SteeredWorker:
    """Works on one job at a time. While it is told nothing it is frozen, for its own renewals come in real seconds."""

    # Each finish writes another number, so a second effect would be seen.
    _numbers = count(1)

    def __init__(self, database: Database[Document], policy: JobPolicy, name: str) -> None:
        self.name = name
        self.claim: Claim | None = None
        self._jobs = database[EXAMPLES.name]
        self._policy = policy
        self._orders: queue.Queue[str] = queue.Queue()
        self._told: queue.Queue[BaseException | None] = queue.Queue()

    def begin(self, job_id: str) -> None:
        """Takes a message; returns when the work has begun, or when there was nothing to do."""
        self._store = KillableStore(self._jobs, self._policy)
        threading.Thread(target=self._run, args=(job_id,), daemon=True).start()
        self._wait()

    def do(self, order: str) -> None:
        """Has it do one thing: renew, finish, error, refuse, stop or die; all but the first end the attempt."""
        self._orders.put(order)
        self._wait()

    def recover(self) -> None:
        """What it does first when it is started again."""
        JobStore(self._jobs, self._policy).recover(self.name)

    def abandon(self, job_id: str) -> None:
        """What its main process does when the child that worked on the job has died."""
        JobStore(self._jobs, self._policy).abandon(job_id, self.name)

    def _wait(self) -> None:
        error = self._told.get(timeout=PATIENCE)
        if error is not None and not isinstance(error, Killed | SystemExit):
            raise error

    def _run(self, job_id: str) -> None:
        error = None
        try:
            run_job(self._store, WORK, job_id, self._work, owner=self.name)
        except BaseException as raised:
            # It is raised again where somebody waits.
            error = raised
        self.claim = None
        self._told.put(error)

    def _work(self, claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        self.claim = claim
        while True:
            self._told.put(None)
            match self._orders.get():
                case "renew":
                    attempt._renew()
                    attempt.check()
                case "finish":
                    return {**compute(claim.document, attempt.progress), "finish": next(self._numbers)}
                case "error":
                    raise ValueError("not this time")
                case "refuse":
                    raise PermanentError("it cannot be done")
                case "stop":
                    raise SystemExit(0)
                case "die":
                    self._store.dead = True
                    raise Killed
