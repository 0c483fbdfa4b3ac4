"""The sweeper: a thread in every worker's main process that makes waiting jobs ring again.

Any number may run: each step is one atomic update, so there is no leader and no lock.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Iterable, Mapping

from pymongo.errors import PyMongoError

from common.contract import JobPayload
from common.heartbeat import Heartbeat
from common.jobs.model import JobKind
from common.jobs.store import JobStore, Ring
from common.metrics import GIVEN_BACK, SWEEP_RINGS, SWEEPS, count
from common.queue import Queue

log = logging.getLogger(__name__)

# Seconds between two rounds, give or take a fifth, so that many sweepers do not march in step.
PERIOD = 1.0
# Rings in one round, so that a great backlog does not keep the round from ending; and messages that are enough to keep
# the workers busy: for a job that waits behind as many, a ring more would only be a message more to be fetched in vain.
RINGS = 200
# Rings in every round, however many messages there are: they may be for other tasks, and no job is to wait for ever.
FEW = 10


class Sweeper:
    """Sweeps the collections of the given stores until it is stopped; each round is a sign of life."""

    def __init__(
        self,
        stores: Iterable[JobStore],
        kinds: Mapping[str, JobKind],
        queue: Queue,
        *,
        heartbeat: Heartbeat | None = None,
        owner: str = "",
    ) -> None:
        self._stores = list(stores)
        self._kinds = kinds
        self._queue = queue
        self._heartbeat = heartbeat
        self._owner = owner
        self._abandoned: deque[tuple[JobKind, str]] = deque()
        self._dead: deque[str] = deque()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
        self._healthy = True

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread after the round that is under way; waits ten seconds for it at most."""
        self._stopped.set()
        self._thread.join(10)

    def abandoned(self, kind: JobKind, job_id: str) -> None:
        """Takes note that nobody of this owner works on a job any more; the next round gives it back."""
        self._abandoned.append((kind, job_id))

    def abandoned_process(self, process: str) -> None:
        """Takes note that a process of this owner has died; the next round gives back whatever it worked on."""
        self._dead.append(process)

    def sweep(self) -> int:
        """One round: gives back the jobs of lost workers, rings for the jobs that are due; answers the rings.

        Raises PyMongoError when MongoDB is away, and whatever the broker's driver raises when the broker is.
        """
        self._give_back()
        return sum(self._sweep_store(store) for store in self._stores)

    def _give_back(self) -> None:
        while self._abandoned:
            kind, job_id = self._abandoned[0]
            store = next(store for store in self._stores if store.collection == kind.collection)
            if store.abandon(job_id, self._owner):
                count(GIVEN_BACK, "process")
                log.warning("%s %s was given back: the process that worked on it died.", kind.name, job_id)
            # Only now, for MongoDB may be away.
            self._abandoned.popleft()
        while self._dead:
            if given_back := sum(store.abandon_process(self._owner, self._dead[0]) for store in self._stores):
                count(GIVEN_BACK, "process", by=given_back)
                log.warning(
                    "%d jobs were given back: process %s, which worked on them, died.", given_back, self._dead[0]
                )
            self._dead.popleft()

    def _sweep_store(self, store: JobStore) -> int:
        if expired := store.expire():
            count(GIVEN_BACK, "lease", by=expired)
            log.warning("%d jobs were given back: their workers fell silent.", expired)
        rung, most = 0, FEW
        while rung < most and (ring := store.next_ring()) is not None:
            self._ring(store, ring)
            rung += 1
            if rung == FEW:
                most = max(FEW, RINGS - self._queue.waiting())
        return rung

    def _ring(self, store: JobStore, ring: Ring) -> None:
        kind = self._kinds.get(ring.name)
        if kind is None:
            log.error("No worker here knows jobs of the kind %s.", ring.name)
            return
        try:
            self._queue.publish(kind.contract, JobPayload(id=ring.id), request_id=ring.request_id)
        except Exception:
            store.ring_failed(ring)
            raise
        count(SWEEP_RINGS, ring.name)

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
        if self._heartbeat is not None:
            self._heartbeat.beat()
