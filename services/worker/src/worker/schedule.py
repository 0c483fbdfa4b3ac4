"""The beat's scheduler: it writes what is due into MongoDB and needs neither the broker nor a file.

Celery's own scheduler sends a message, which can be lost, keeps its state in a file, and does everything twice when two
of them run. Here a tick is a durable job, and the workers' sweepers notify of it.
"""

import logging
import socket
import time
from typing import Any, cast

from celery import platforms
from celery.beat import Scheduler
from pymongo.errors import PyMongoError

from common.migrations.standing import Fitness
from common.promises import Promises
from common.queue.clients import QueueClients
from jobs.heartbeat import Heartbeat
from jobs.ticks import Ticker
from worker.app import WorkerApp

log = logging.getLogger(__name__)

# Seconds between two looks at the clock, which is also how often the beat shows that it lives.
PERIOD = 1.0


class TickScheduler(Scheduler):
    """Start it with `celery -A worker.main:app beat --scheduler worker.schedule:TickScheduler`."""

    def setup_schedule(self) -> None:
        """Take the schedules of the features, and connect to nothing yet."""
        app = cast("WorkerApp", self.app)
        settings = app.settings
        self._clients = QueueClients(settings)
        name = f"beat@{socket.gethostname()}"
        self._heartbeat = Heartbeat(settings, self._clients.database, name=name, role="beat")
        self._ticker = Ticker(self._clients.database, app.schedules)
        self._fitness = Fitness(lambda: self._clients.database, app.features, Promises(lambda: self._clients))
        self._busy = False
        self._stopping = False
        # Celery's own handlers close the scheduler at once. When a signal comes while the driver holds one of its
        # locks, closing would wait for that lock, and the lock for the handler's end.
        platforms.signals.update(SIGTERM=self._stop, SIGINT=self._stop)

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Insert what is due; return the seconds to sleep."""
        self._busy = True
        pause = self._tick()
        self._busy = False
        if self._stopping:
            raise SystemExit
        return pause

    def _tick(self) -> float:
        if unfit := self._fitness.recent():
            self._heartbeat.beat(unfit, waiting=True)
            return PERIOD
        try:
            pause = self._ticker.tick(time.time())
        except PyMongoError as error:
            log.warning("The tick has to wait (%s).", type(error).__name__)
            # To restart the beat would not bring MongoDB back.
            self._heartbeat.beat("MongoDB is away", waiting=True)
            return PERIOD
        self._heartbeat.beat()
        return min(pause, PERIOD)

    def close(self) -> None:
        """Sign off and close the connections."""
        self._busy = True
        self._heartbeat.end()
        self._clients.close()

    def _stop(self, *_signal: Any) -> None:
        """End the beat, which closes this scheduler: at once while it sleeps, else as soon as the driver is idle."""
        self._stopping = True
        if not self._busy:
            raise SystemExit

    @property
    def info(self) -> str:
        """What the start-up banner says."""
        return "    . ticks -> MongoDB"
