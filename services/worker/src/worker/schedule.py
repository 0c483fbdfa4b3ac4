"""The beat's scheduler: it writes what is due into MongoDB and needs neither the broker nor a file.

Celery's own scheduler sends a message, which can be lost, keeps its state in a file, and does everything twice when two
of them run. Here a tick is a durable job, and the workers' sweepers notify of it.
"""

import logging
import socket
import time
from typing import Any, cast

from celery.beat import Scheduler
from pymongo.errors import PyMongoError

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

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Insert what is due; return the seconds to sleep."""
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
        self._heartbeat.end()
        self._clients.close()

    @property
    def info(self) -> str:
        """What the start-up banner says."""
        return "    . ticks -> MongoDB"
