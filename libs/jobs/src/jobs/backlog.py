"""Backpressure: whether so many jobs are pending that no more should be accepted."""

import threading
import time

from jobs.store import JobStore

# Seconds an answer of MongoDB's serves everybody who asks in this process.
KEEP = 1.0


class BacklogFullError(Exception):
    """As many jobs are pending as are allowed; accepting another would promise what takes ever longer."""


class Backlog:
    """Knows, about a second late, which collections hold as many pending jobs as the limit; 0 is no limit.

    One at a time asks MongoDB, for as many index entries as the limit; everybody else goes by the last answer.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._full: dict[str, bool] = {}
        self._until: dict[str, float] = {}

    def is_full(self, store: JobStore) -> bool:
        """Whether no more jobs should be accepted there. Raises PyMongoError when it has to ask and MongoDB is away."""
        name = store.collection
        if self._limit and time.monotonic() >= self._until.get(name, 0.0) and self._lock.acquire(blocking=False):
            try:
                self._full[name] = store.pending(self._limit) >= self._limit
                self._until[name] = time.monotonic() + KEEP
            finally:
                self._lock.release()
        return self._full.get(name, False)
