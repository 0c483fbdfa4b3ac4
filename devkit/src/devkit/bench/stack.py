"""The product in production mode with a few addresses more, which only measurements need."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devkit import ROOT
from devkit.bench.client import ask
from devkit.signals import StopRequest
from devkit.stress.own_stack import OwnStack
from devkit.terminal import CommandError

_POLL = 0.1
_MEASURE = {
    "API_APP": "bench_api:front",
    "WORKER_APP": "bench_worker:app",
    "PYTHONPATH": str(ROOT / "devkit/src/devkit/measure"),
}


@contextmanager
def measured_stack() -> Iterator[tuple[OwnStack, Callable[[], None]]]:
    """Yield the stack, and what raises when it has ended or somebody asks to stop."""
    stop = StopRequest()
    with OwnStack(stop, _MEASURE) as stack:

        def check() -> None:
            stop.check()
            stack.check()

        yield stack, check


def wait_done(url: str, kind: str, count: int, check: Callable[[], None], *, stall: float = 60) -> None:
    """Wait until as many jobs of a kind are done; raise when for `stall` seconds none was."""
    done, since = -1, time.monotonic()
    while done < count:
        check()
        now = ask(f"{url}/bench/done/{kind}")["done"]
        if now != done:
            done, since = now, time.monotonic()
        if time.monotonic() - since > stall:
            raise CommandError(f"{done} of {count} {kind} jobs are done, and none more for {stall:.0f} s")
        time.sleep(_POLL)
