"""The sweeper: a thread in every worker's main process that notifies the workers of jobs that wait too long.

Any number may run: what one finds is changed only where it still stands, so there is no leader and no lock. Whatever
the backlog is, a round reads a few hundred index entries at most.
"""

import logging
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from pydantic import ValidationError
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from common.metrics import count
from common.queue.contract import Contract, JobPayload
from jobs.metrics import GIVEN_BACK, SWEEP_NOTIFICATIONS, SWEEPS
from jobs.model import JobKind
from jobs.store import JobRef, JobStore

log = logging.getLogger(__name__)

# Seconds between two rounds, give or take a fifth, so that many sweepers do not march in step.
PERIOD = 1.0
# Notifications in one round, so that a great backlog does not keep the round from ending; and messages that are enough
# to keep the workers busy: for a job that waits behind as many, another would only be one more to fetch in vain.
NOTIFICATIONS = 200
# Notifications in every round, however many messages there are: they may be for other tasks, and no job may wait for
# ever.
FEW = 10
# Seconds between two walks through the payloads, which take a step in each round.
ORPHANS_PERIOD = 60.0

Item = TypeVar("Item")


class MessageQueue(Protocol):
    """What the sweeper needs of a queue; `common.queue.producer.Queue` is one."""

    def publish(self, contract: Contract[JobPayload], payload: JobPayload, /, *, request_id: str) -> None:
        """Send one message, and wait for its confirm for a bounded time. Raises when there was none."""

    def waiting(self) -> int:
        """Return how many messages no worker has fetched yet. Raises when the broker does not tell."""


class Sweeper:
    """Sweeps the collections of the given stores until it is stopped.

    `after_round` is told after each round, in the sweeper's thread, whether all of it succeeded.
    """

    def __init__(
        self,
        stores: Iterable[JobStore],
        kinds: Mapping[str, JobKind],
        queue: MessageQueue,
        *,
        after_round: Callable[[bool], None] | None = None,
        owner: str = "",
    ) -> None:
        self._stores = list(stores)
        self._kinds = kinds
        self._queue = queue
        self._after_round = after_round
        # Without a name it still must not take another sweeper's notifications for its own.
        self._owner = owner or secrets.token_hex(4)
        self._abandoned: deque[tuple[JobKind, str]] = deque()
        self._dead: deque[str] = deque()
        # Of each collection: behind which id the walk through its payloads goes on, and not before when.
        self._orphans: dict[str, tuple[str | None, float]] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._healthy = True

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the round that is under way; wait ten seconds for it at most."""
        self._stopped.set()
        self._thread.join(10)

    def abandoned(self, kind: JobKind, job_id: str) -> None:
        """Mark a job as abandoned by this owner; the next round returns it to the queue."""
        self._abandoned.append((kind, job_id))

    def abandoned_process(self, process: str) -> None:
        """Take note that a process of this owner has died; the next round gives back whatever it worked on."""
        self._dead.append(process)

    def sweep(self) -> int:
        """Return one round of steps that do not depend on each other; answers how many jobs were notified.

        A step that fails stops no other one; in the end the first error is raised. Only where no MongoDB server is to
        be found the round ends at once, for each step would wait for one.
        """
        errors, notified = list[Exception](), 0
        for step in self._steps():
            try:
                notified += step()
            except Exception as error:
                errors.append(error)
                if isinstance(error, ServerSelectionTimeoutError):
                    break
        if errors:
            raise errors[0]
        return notified

    def _steps(self) -> Iterator[Callable[[], int]]:
        """Yield what a round does; only a notification is a number that counts."""
        yield self._give_back_jobs
        yield self._give_back_processes
        for store in self._stores:
            yield partial(self._expire, store)
            yield partial(self._notify, store)
            yield partial(self._remove_orphans, store)

    def _give_back_jobs(self) -> int:
        return _each(self._abandoned, self._give_back_job)

    def _give_back_job(self, abandoned: tuple[JobKind, str]) -> None:
        kind, job_id = abandoned
        store = next(store for store in self._stores if store.collection == kind.collection)
        if store.abandon(job_id, self._owner):
            count(GIVEN_BACK, "process")
            log.warning("%s %s was given back: the process that worked on it died.", kind.name, job_id)

    def _give_back_processes(self) -> int:
        return _each(self._dead, self._give_back_process)

    def _give_back_process(self, process: str) -> None:
        if given_back := sum(store.abandon_process(self._owner, process) for store in self._stores):
            count(GIVEN_BACK, "process", by=given_back)
            log.warning("%d jobs were given back: process %s, which worked on them, died.", given_back, process)

    def _expire(self, store: JobStore) -> int:
        if expired := store.expire():
            count(GIVEN_BACK, "lease", by=expired)
            log.warning("%d jobs were given back: their workers fell silent.", expired)
        return 0

    def _notify(self, store: JobStore) -> int:
        due = store.due(NOTIFICATIONS)
        waiting = [job for job in due if not job.spent]
        try:
            return self._publish(store, store.notify(waiting[: self._most(len(waiting))], self._owner))
        finally:
            store.end_spent([job for job in due if job.spent])

    def _most(self, number: int) -> int:
        """Return how many of so many due jobs are notified in this round."""
        if number <= FEW:
            return number
        try:
            return max(FEW, NOTIFICATIONS - self._queue.waiting())
        except Exception as error:
            # What cannot count may all the same take messages.
            log.debug("The broker does not tell how many messages wait (%s).", type(error).__name__)
            return FEW

    def _publish(self, store: JobStore, jobs: Sequence[JobRef]) -> int:
        published = 0
        for number, job in enumerate(jobs):
            if (message := self._message(job)) is None:
                continue
            try:
                self._queue.publish(*message, request_id=job.request_id)
            except Exception:
                store.notify_failed(jobs[number:])
                raise
            count(SWEEP_NOTIFICATIONS, job.name)
            published += 1
        return published

    def _message(self, job: JobRef) -> tuple[Contract[JobPayload], JobPayload] | None:
        """Return the message for a job; None if no message can be made, which must not stop the others."""
        if (kind := self._kinds.get(job.name)) is None:
            log.error("No worker here knows jobs of the kind %s.", job.name)
            return None
        try:
            return kind.contract, JobPayload(id=job.id)
        except ValidationError:
            log.error("The id of a job of the kind %s is no text: %r.", job.name, job.id)  # noqa: TRY400 - the line says it all
            return None

    def _remove_orphans(self, store: JobStore) -> int:
        name, now = store.collection, time.monotonic()
        position, begin = self._orphans.get(name, (None, now))
        if now >= begin:
            position = store.remove_orphans(position)
            self._orphans[name] = (position, now if position else now + ORPHANS_PERIOD)
        return 0

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._round()
            self._stopped.wait(PERIOD * random.uniform(0.8, 1.2))  # noqa: S311 - a jitter, not a secret

    def _round(self) -> None:
        try:
            self.sweep()
        except Exception as error:
            if self._healthy:
                level = logging.WARNING if isinstance(error, PyMongoError) else logging.INFO
                log.log(level, "The sweeper has to wait (%s).", type(error).__name__)
            self._healthy = False
        else:
            self._healthy = True
        count(SWEEPS, "ok" if self._healthy else "failed")
        try:
            if self._after_round is not None:
                self._after_round(self._healthy)
        except Exception:
            # A callback that fails must not stop the next rounds.
            log.exception("A round of the sweeper could not be told of.")


def _each(noted: deque[Item], do: Callable[[Item], None]) -> int:
    """Do something with each item that is noted now. One that fails is noted again, and keeps no other waiting."""
    errors = list[Exception]()
    for _ in range(len(noted)):
        item = noted.popleft()
        try:
            do(item)
        except Exception as error:
            noted.append(item)
            errors.append(error)
    if errors:
        raise errors[0]
    return 0
