"""When something that has died is started again: at once if it had lived long, ever later if it keeps dying."""

import time
from collections.abc import Callable

FIRST, LONGEST = 1.0, 30.0
# Seconds after which something that lives counts as well again.
CALM = 60.0


class Pause:
    """The pauses before the restarts of one part: 1, 2, 4 ... 30 seconds, and 1 again after a calm minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self._seconds = 0.0
        # When it is started again; None while it lives.
        self._due: float | None = None

    @property
    def under_way(self) -> bool:
        """Whether it has died and was not started again yet."""
        return self._due is not None

    def died(self) -> float:
        """Begin the pause after a death and return its seconds."""
        calm = self._now() - self._began > CALM
        self._seconds = FIRST if calm else min(self._seconds * 2 or FIRST, LONGEST)
        self._due = self._now() + self._seconds
        return self._seconds

    def over(self) -> bool:
        """Tell whether it is due to be started again."""
        return self._due is not None and self._now() >= self._due

    def started(self) -> None:
        """Note that it was started."""
        self._began, self._due = self._now(), None
