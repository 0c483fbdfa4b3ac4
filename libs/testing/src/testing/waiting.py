"""Waiting in tests: for a condition, not for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def eventually(condition: Callable[[], Answer | None], *, seconds: float = 20) -> Answer:
    """Check until the result is true, and return it. Raises AssertionError when the time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"It did not happen within {seconds} s; the last answer was {answer!r}.")
        time.sleep(0.02)
    return answer
