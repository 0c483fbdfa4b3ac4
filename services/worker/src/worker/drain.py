"""What a child does for one message: the job that it names, and then the next ones, for about a second.

A message that finds its job late, or taken by another worker, tells that work waits. Then the child claims what is
ready by itself, which costs less than a message for each job, and at the end tells of what is left by one message.
"""

import logging
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, zip_longest
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from pymongo.errors import PyMongoError

from common.extensions.queue.settings import QueueSettings
from common.migrations.standing import Fitness
from common.queue import skipping
from common.queue.clients import QueueClients
from jobs.model import Claim, JobKind, JobPolicy
from jobs.notify import notify
from jobs.runner import Attempt, Work, run_job
from jobs.store import JobStore

log = logging.getLogger(__name__)

# Seconds after the begin of a message's job in which another one may be begun. Celery counts the hard time limit from
# there and is told so many seconds more: no job may lose time by those that the same child did before.
WINDOW = 1.0
# Seconds that a job has waited when more work is likely to wait; at a low rate no query is in vain. A job that stands
# for others, whose messages were left out, has waited longer.
WAITED = skipping.WINDOW / 2
# Seconds without another query after nothing was ready; a queue may be full of messages for what is long done.
QUIET = 0.1
# Jobs that are asked for at once.
CANDIDATES = 16
# Lists of them of which others take everything before nothing more is asked.
TRIES = 3

# A job: its kind, its id and the id of its request.
Ready = tuple[JobKind, str, str]


class Drain:
    """Runs the jobs of all kinds on this process's own connections."""

    def __init__(
        self, clients: QueueClients, kinds: Mapping[str, JobKind], works: Mapping[str, Work], fitness: Fitness
    ) -> None:
        self._clients, self._kinds, self._works, self._fitness = clients, kinds, works, fitness
        self._policy = JobPolicy.of(clients.settings)
        self._quiet_until = 0.0

    def run(self, kind: JobKind, job_id: str, *, owner: str) -> None:
        """Do the job of a message, and then what is ready, unless nothing seems to wait.

        On a database that is not fit for this code nothing is begun: the job stays pending, and is notified again.
        """
        if self._fitness.recent():
            return
        ends_at = time.monotonic() + WINDOW
        claim = self._attempt(kind, job_id, owner)
        others_wait = time.monotonic() >= self._quiet_until if claim is None else _waited(claim) >= WAITED
        if others_wait:
            try:
                self._drain(owner, ends_at)
            except PyMongoError as error:
                # The message's own job has ended; the sweeper finds what was left.
                log.warning("No further job was taken (%s).", type(error).__name__)

    def _drain(self, owner: str, ends_at: float) -> None:
        in_vain = 0
        while (ready := self._ready()) and in_vain < TRIES:
            taken = 0
            for kind, job_id, request_id in _from_anywhere(ready):
                if time.monotonic() >= ends_at:
                    notify(self._clients.publisher, kind, job_id, request_id=request_id)
                    return
                if self._attempt(kind, job_id, owner) is None:
                    # Another child is at this place of the same list: what follows is its own.
                    break
                taken += 1
            in_vain = 0 if taken else in_vain + 1
        self._quiet_until = time.monotonic() + QUIET

    def _ready(self) -> list[Ready]:
        """Return what waits: of each collection the oldest first, and the collections in turn."""
        names: dict[str, list[str]] = {}
        for kind in self._kinds.values():
            names.setdefault(kind.collection, []).append(kind.name)
        ready = [
            self._store(collection).ready(waiting_names, CANDIDATES) for collection, waiting_names in names.items()
        ]
        in_turn = chain.from_iterable(zip_longest(*ready))
        return [(self._kinds[job.name], job.id, job.request_id) for job in in_turn if job is not None]

    def _attempt(self, kind: JobKind, job_id: str, owner: str) -> Claim | None:
        work, store = self._works[kind.name], self._store(kind.collection)
        limited = _limited(work, self._clients.settings.section(QueueSettings).task_time_limit)
        return run_job(store, kind, job_id, limited, owner=owner, process=str(os.getpid()))

    def _store(self, collection: str) -> JobStore:
        return JobStore(self._clients.database[collection], self._policy)


def _from_anywhere(ready: list[Ready]) -> list[Ready]:
    """Return what is ready from some place on, and then the rest, so that many children seldom try the same job."""
    start = random.randrange(len(ready))  # noqa: S311 - a place in a list, not a secret
    return ready[start:] + ready[:start]


def _waited(claim: Claim) -> float:
    """Seconds from when a job was accepted, or last given back, to its claim."""
    job = claim.document["job"]
    return float((job["updated_at"] - job["created_at"]).total_seconds())


def _limited(work: Work, seconds: float) -> Work:
    """Work that is stopped by SoftTimeLimitExceeded when it takes too long.

    Celery would count from the message, which may have been for another job.
    """

    def work_in_time(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        with _alarm(seconds):
            return work(claim, attempt)

    return work_in_time


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        log.warning("The time limit of %g s is over.", seconds)
        raise SoftTimeLimitExceeded(seconds)

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
