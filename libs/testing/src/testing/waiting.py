"""Waiting in tests: for a condition, not for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
Result = TypeVar("Result")
# Seconds between two questions: first for what comes at once, and at most, for each question costs the servers time.
_FIRST, _MOST = 0.01, 0.1
# How often something may take too long because others use the machine.
_TRIES = 3


def eventually(condition: Callable[[], Answer | None], *, seconds: float = 20) -> Answer:
    """Check until the result is true, and return it. Raises AssertionError when the time is up."""
    deadline, pause = time.monotonic() + seconds, _FIRST
    while not (answer := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"It did not happen within {seconds} s; the last answer was {answer!r}.")
        time.sleep(pause)
        pause = min(1.25 * pause, _MOST)
    return answer


def soon(act: Callable[[], Result], *, seconds: float) -> Result:
    """Do something, three times at most, until it takes less than `seconds`, and return its result.

    What always waits is found, and a moment in which the machine is busy is not. Raises AssertionError.
    """
    for _ in range(_TRIES):
        began = time.monotonic()
        result = act()
        if (took := time.monotonic() - began) < seconds:
            return result
    raise AssertionError(f"It took more than {seconds} s {_TRIES} times; the last time {took:.1f} s.")
