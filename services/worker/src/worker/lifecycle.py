"""What the worker's main process does beside Celery: it sweeps, shows that it lives, and gives back its work."""

import logging
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import billiard.pool
from celery import signals
from pymongo.errors import PyMongoError

from common import metrics
from common.config import Settings
from common.extensions.queue.settings import QueueSettings
from common.feature import Feature
from common.migrations.standing import Fitness
from common.promises import Promises
from common.queue.clients import QueueClients
from jobs.collector import JobCollector
from jobs.heartbeat import Heartbeat
from jobs.metrics import GIVEN_BACK
from jobs.model import JobKind, JobPolicy
from jobs.store import JobStore
from jobs.sweeper import Sweeper
from worker.health import Health
from worker.metrics import MetricsServer
from worker.request import job_abandoned, process_died

log = logging.getLogger(__name__)

# How often a child that ends asks, ten times a second, whether the main process has read everything.
FAREWELLS = 10


class Lifecycle:
    """Begins when the worker consumes, ends after its pool has stopped."""

    def __init__(self, settings: Settings, kinds: Mapping[str, JobKind], features: Sequence[Feature]) -> None:
        self._settings = settings
        self._kinds = kinds
        self._clients = QueueClients(settings)
        self._fitness = Fitness(lambda: self._clients.database, features, Promises(lambda: self._clients))
        self._sweeper: Sweeper | None = None
        self._heartbeat: Heartbeat | None = None
        self._owner = ""
        self._ending = ExitStack()
        self._metrics = MetricsServer(settings)

    def connect(self) -> None:
        """Listen to Celery's signals; all but one are sent in the worker's main process only."""
        signals.worker_init.connect(self.prepare, weak=False)
        signals.worker_process_init.connect(self.leave, weak=False)
        signals.worker_ready.connect(self.begin, weak=False)
        job_abandoned.connect(self.abandon, weak=False)
        process_died.connect(self.process_died, weak=False)
        signals.worker_shutting_down.connect(self.bound, weak=False)
        signals.worker_shutdown.connect(self.end, weak=False)

    def prepare(self, **_: Any) -> None:
        """Before the pool is forked: what its children count shall be found here."""
        self._ending.enter_context(metrics.shared())

    def leave(self, **_: Any) -> None:
        """In a child: it must not keep the main process's port when that is killed, nor keep it from ending.

        A child that ends waits half a minute until the main process has read what it sent, which that does not do when
        another child has just died. Nothing depends on it: how a job ended is written in MongoDB.
        """
        self._metrics.forget()
        billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = FAREWELLS

    def begin(self, sender: Any, **_: Any) -> None:
        """Take up again what this worker was doing before it was killed, then start the sweeper."""
        if self._sweeper is None:
            self._owner = str(sender.hostname)
            self._give_back()
            self._heartbeat = Heartbeat(self._settings, self._clients.database, name=self._owner, role="worker")
            health = Health(self._heartbeat, self._clients.queue, sender, self._fitness)
            self._sweeper = Sweeper(
                self._stores(), self._kinds, self._clients.queue, after_round=health.note, owner=self._owner
            )
            self._sweeper.start()
            self._metrics.start(JobCollector(lambda: self._clients.database, self._collections()))

    def abandon(self, sender: str, job_id: str, **_: Any) -> None:
        """Have a job given back whose task failed; Celery waits for this, so MongoDB is left to the sweeper."""
        if self._sweeper is not None and sender in self._kinds:
            self._sweeper.abandoned(self._kinds[sender], job_id)

    def process_died(self, sender: str, **_: Any) -> None:
        """Have everything given back that a dead child worked on."""
        if self._sweeper is not None:
            self._sweeper.abandoned_process(sender)

    def bound(self, how: str, **_: Any) -> None:
        """Turn a warm shutdown, which waits for the tasks, into a cold one when they take too long.

        Celery's own soft shutdown sleeps for its whole time, also when there is nothing left to wait for.
        """
        if how == "Warm":
            grace = self._settings.section(QueueSettings).worker_stop_grace
            timer = threading.Timer(grace, os.kill, (os.getpid(), signal.SIGQUIT))
            timer.daemon = True
            timer.start()

    def end(self, **_: Any) -> None:
        """Give back what the pool did not finish, so that another worker need not wait for the leases to run out."""
        if self._sweeper is not None:
            self._sweeper.stop()
            self._give_back()
        if self._heartbeat is not None:
            self._heartbeat.end()
        self._metrics.stop()
        self._clients.close()
        self._ending.close()

    def _give_back(self) -> None:
        try:
            given_back = sum(store.recover(self._owner) for store in self._stores())
        except PyMongoError as error:
            log.warning("Jobs could not be given back (%s); their leases will run out.", type(error).__name__)
        else:
            if given_back:
                metrics.count(GIVEN_BACK, "restart", by=given_back)
                log.warning("%d jobs were given back.", given_back)

    def _stores(self) -> list[JobStore]:
        policy = JobPolicy.of(self._settings)
        return [JobStore(self._clients.database[name], policy) for name in self._collections()]

    def _collections(self) -> list[str]:
        return sorted({kind.collection for kind in self._kinds.values()})
