"""Where requests are counted: in the memory of this process, or on a server that all processes share."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

# Callers whose requests are counted in memory at once; further ones take the place of those that came first.
CAPACITY = 20_000
# Seconds for which a server that did not answer is not asked again.
BACKOFF = 5.0


class CountersAwayError(Exception):
    """The requests cannot be counted now."""


class Counters(Protocol):
    """Numbers by keys, each of which is forgotten after some seconds."""

    def add(self, key: str, seconds: int) -> int:
        """Add one to a number, and return what it is then. Raises CountersAwayError."""


class MemoryCounters:
    """Those of one process, shared by its threads; they take a bounded place."""

    def __init__(self, capacity: int = CAPACITY, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity, self._clock = capacity, clock
        self._lock = threading.Lock()
        # The number and when it is forgotten.
        self._numbers: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def add(self, key: str, seconds: int) -> int:
        """Add one to a number, and return what it is then."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            number, until = self._numbers.get(key, (0, now + seconds))
            self._numbers[key] = number + 1, until
            return number + 1

    def get(self, key: str) -> int:
        """Return a number; 0 for what was not counted."""
        with self._lock:
            return self._numbers.get(key, (0, 0.0))[0]

    def _forget(self, now: float) -> None:
        """Drop the oldest where they are over, a few each time, and one more where there is no room."""
        for _ in range(2):
            key = next(iter(self._numbers), None)
            if key is None or (self._numbers[key][1] > now and len(self._numbers) < self._capacity):
                return
            del self._numbers[key]


class SteadyCounters:
    """Counters of a server that may be away: then nobody waits for it, but one request each few seconds."""

    def __init__(self, counters: Counters, clock: Callable[[], float] = time.monotonic) -> None:
        self._counters, self._clock = counters, clock
        self._lock = threading.Lock()
        self._is_away = False
        self._ask_at = 0.0

    def add(self, key: str, seconds: int) -> int:
        """Add one to a number, and return what it is then. Raises CountersAwayError."""
        self._need_turn()
        try:
            number = self._counters.add(key, seconds)
        except CountersAwayError as error:
            self._note(is_away=True, about=str(error))
            raise
        if self._is_away:
            self._note(is_away=False)
        return number

    def _need_turn(self) -> None:
        with self._lock:
            if self._is_away:
                now = self._clock()
                if now < self._ask_at:
                    raise CountersAwayError("it was away a moment ago")
                # This request asks, and the others do not wait for the answer.
                self._ask_at = now + BACKOFF

    def _note(self, *, is_away: bool, about: str = "") -> None:
        with self._lock:
            changed, self._is_away = self._is_away != is_away, is_away
            self._ask_at = self._clock() + BACKOFF
        if changed and is_away:
            log.warning("Requests cannot be counted: the server that counts them is away (%s).", about)
        elif changed:
            log.info("Requests are counted again.")
