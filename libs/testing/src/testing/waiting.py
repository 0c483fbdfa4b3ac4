"""Waiting in tests: for a condition, not for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
# Seconds between two questions: first for what comes at once, and at most, for each question costs the servers time.
_FIRST, _MOST = 0.01, 0.1


def eventually(condition: Callable[[], Answer | None], *, seconds: float = 20) -> Answer:
    """Check until the result is true, and return it. Raises AssertionError when the time is up."""
    deadline, pause = time.monotonic() + seconds, _FIRST
    while not (answer := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"It did not happen within {seconds} s; the last answer was {answer!r}.")
        time.sleep(pause)
        pause = min(1.25 * pause, _MOST)
    return answer
