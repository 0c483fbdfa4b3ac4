"""The beat, told to stop while it holds a lock that closing needs too, as the driver's pool of connections has one."""

import logging
import os
import signal
import threading
from typing import Any

from worker.schedule import TickScheduler

log = logging.getLogger(__name__)


class LockedHeartbeat:
    """Signs of life under a lock; a signal comes while it is held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def beat(self, *_args: Any, **_options: Any) -> None:
        with self._lock:
            os.kill(os.getpid(), signal.SIGTERM)

    def end(self) -> None:
        with self._lock:
            log.warning("signed off")


class LockedScheduler(TickScheduler):
    """The scheduler with these signs of life."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        self._heartbeat = LockedHeartbeat()  # type: ignore[assignment]  # a stand-in for one test
