"""The product in production mode, with a few more addresses that only measurements need."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devkit import ROOT
from devkit.bench.client import get
from devkit.signals import StopRequest
from devkit.stack.private import PrivateStack
from devkit.stack.temporary import temporary_stack
from devkit.terminal import CommandError

_POLL = 0.1
_PROGRAMS = ROOT / "devkit" / "programs"
_MEASURE = {
    "API_APP": "bench_api:front",
    "WORKER_APP": "bench_worker:app",
    "PYTHONPATH": str(_PROGRAMS),
}


@contextmanager
def measured_stack() -> Iterator[tuple[PrivateStack, Callable[[], None]]]:
    """Yield the stack, and a function that raises when it has ended or a stop was requested."""
    stop = StopRequest()
    with temporary_stack(stop, _MEASURE) as stack:
        command = [sys.executable, str(_PROGRAMS / "workload_indexes.py")]
        subprocess.run(command, cwd=ROOT, env=stack.environ, check=True)

        def check() -> None:
            stop.check()
            stack.check()

        yield stack, check


def wait_done(url: str, kind: str, count: int, check: Callable[[], None], *, stall: float = 60) -> None:
    """Wait until `count` jobs of a kind are done. Raise CommandError when none was for `stall` seconds."""
    done, since = -1, time.monotonic()
    while done < count:
        check()
        now = get(f"{url}/bench/done/{kind}")["done"]
        if now != done:
            done, since = now, time.monotonic()
        if time.monotonic() - since > stall:
            raise CommandError(f"{done} of {count} {kind} jobs are done, and none more for {stall:.0f} s")
        time.sleep(_POLL)
