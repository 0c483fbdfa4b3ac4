"""Waiting in tests: for a condition, not for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(condition: Callable[[], Found | None], *, seconds: float = 20) -> Found:
    """Check until the result is true, and return it. Raises AssertionError when the time is up."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"It did not happen within {seconds} s; the last answer was {found!r}.")
        time.sleep(0.02)
    return found
