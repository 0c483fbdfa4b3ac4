"""Backpressure: whether so many jobs are pending that no more should be accepted."""

import threading
import time
from collections import OrderedDict

from common.owner import EVERYBODY, Owner
from jobs.store import JobStore

# Seconds for which a count is used by all requests of this process.
KEEP = 1.0
# How many answers are kept: one for each collection, or for each owner of jobs in it.
CAPACITY = 1000


class BacklogFullError(Exception):
    """As many jobs are pending as are allowed; no more are accepted until some have ended."""


class Backlog:
    """Tells, about a second late, where as many jobs are pending as the limit, of all or of one owner; 0 is no limit.

    One request at a time queries MongoDB, for as many index entries as the limit; the others use the last answer.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        # Whether it is full, and how long the answer is used.
        self._answers: OrderedDict[tuple[str, Owner], tuple[bool, float]] = OrderedDict()

    def is_full(self, store: JobStore, owner: Owner = EVERYBODY) -> bool:
        """Return whether no more jobs should be accepted there. Raises PyMongoError when a query fails."""
        place = store.collection, owner
        full, until = self._answers.get(place, (False, 0.0))
        if self.limit and time.monotonic() >= until and self._lock.acquire(blocking=False):
            try:
                full = store.pending(self.limit, owner) >= self.limit
                self._answers[place] = full, time.monotonic() + KEEP
                self._answers.move_to_end(place)
                if len(self._answers) > CAPACITY:
                    self._answers.popitem(last=False)
            finally:
                self._lock.release()
        return full
