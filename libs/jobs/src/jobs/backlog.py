"""Backpressure: whether so many jobs are pending that no more should be accepted."""

import threading
import time

from jobs.store import JobStore

# Seconds for which a count is used by all requests of this process.
KEEP = 1.0


class BacklogFullError(Exception):
    """As many jobs are pending as are allowed; no more are accepted until some have ended."""


class Backlog:
    """Tells, about a second late, which collections hold as many pending jobs as the limit; 0 is no limit.

    One request at a time queries MongoDB, for as many index entries as the limit; the others use the last answer.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._full: dict[str, bool] = {}
        self._until: dict[str, float] = {}

    def is_full(self, store: JobStore) -> bool:
        """Return whether no more jobs should be accepted there. Raises PyMongoError when a query fails."""
        name = store.collection
        if self._limit and time.monotonic() >= self._until.get(name, 0.0) and self._lock.acquire(blocking=False):
            try:
                self._full[name] = store.pending(self._limit) >= self._limit
                self._until[name] = time.monotonic() + KEEP
            finally:
                self._lock.release()
        return self._full.get(name, False)
