"""The threads that requests are worked on in."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = tuple[Callable[[], None], asyncio.AbstractEventLoop, Callable[[], None]]


class Threads:
    """A fixed number of threads, begun when they are first needed.

    They are daemons: one that hangs must not keep the process from ending, as those of `concurrent.futures` do.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._waiting: SimpleQueue[Work] = SimpleQueue()
        self._begun = False

    def run(self, work: Callable[[], None], then: Callable[[], None]) -> None:
        """Have a thread do the work, and the running event loop call `then` afterwards, whatever came of it."""
        if not self._begun:
            self._begun = True
            for number in range(self.count):
                threading.Thread(target=self._serve, name=f"request-{number + 1}", daemon=True).start()
        self._waiting.put((work, asyncio.get_running_loop(), then))

    def _serve(self) -> None:
        while True:
            work, loop, then = self._waiting.get()
            try:
                work()
            finally:
                # The loop is closed when the process ends meanwhile; then the answer is not needed any more.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(then)
                # A thread that waits for its next work holds nothing of the last one.
                del work, then
