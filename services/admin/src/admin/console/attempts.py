"""How often a wrong password was sent: after some, each one makes the next wait longer.

The console is reached from its own machine only, so all attempts look alike and are counted together. What is kept is
two numbers, whoever sends how many.
"""

import time
from collections.abc import Callable
from threading import Lock

FREE = 5
# Seconds: the longest wait, and the time after which wrong passwords are forgotten.
LONGEST, FORGOTTEN = 300, 3600


class TooManyAttemptsError(Exception):
    """The password was not looked at; `seconds` is how long to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"Wait {seconds} seconds.")


class Attempts:
    """Looks at one password at a time, so that sending many takes neither the processor nor the memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._one = Lock()
        self._wrong, self._last = 0, 0.0

    def attempt(self, is_right: Callable[[], bool]) -> bool:
        """Return whether a password is right. Raises TooManyAttemptsError, and then has not looked at it."""
        if not self._one.acquire(blocking=False):
            raise TooManyAttemptsError(1)
        try:
            if (left := self._left()) > 0:
                raise TooManyAttemptsError(int(left) + 1)
            right = is_right()
            self._wrong, self._last = (0 if right else self._wrong + 1), self._clock()
            return right
        finally:
            self._one.release()

    def _left(self) -> float:
        """Return the seconds until a password is looked at again."""
        passed = self._clock() - self._last
        if passed >= FORGOTTEN:
            self._wrong = 0
        if self._wrong < FREE:
            return 0
        return float(min(2 ** min(self._wrong - FREE, 20), LONGEST)) - passed
