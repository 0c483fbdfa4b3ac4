"""Many jobs at once: all of them must end `done`, and no process may grow."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import psutil

from devkit.bench.stack import get, measured_stack, run_jobs
from devkit.stack.private import PrivateStack
from devkit.terminal import table

REQUESTS = 10_000
WARM_UP = 1000
# Seconds of rest before memory is read: allocators return it late.
REST = 5


def measure(requests: int) -> int:
    """Post as fast as the API accepts, wait for the last job, print time and memory, and return the exit code.

    Half as many follow: what leaks grows once more.
    """
    bursts = [min(WARM_UP, requests), requests, requests // 2]
    sizes = []
    with measured_stack() as (stack, check):
        for count in bursts:
            _burst(stack, count, check)
            sizes.append(_rested(stack.pids, check))
        states = get(stack, "/bench/states")
    print(f"states in the end: {states}")
    rows = [(name, *(f"{size.get(name, 0):.0f}" for size in sizes)) for name in sizes[-1]]
    print(table(("memory in MB", *(f"after {count}" for count in bursts)), rows))
    return 0 if states == {"done": sum(bursts)} else 1


def _burst(stack: PrivateStack, count: int, check: Callable[[], None]) -> None:
    posted = run_jobs(stack, count, check, f"{count} jobs")
    accepted = f"accepted in {posted.accepting:.1f} s ({count / posted.accepting:.0f}/s), {posted.refused} answered 429"
    print(f"{count} jobs {accepted}; all done after {posted.total:.1f} s ({count / posted.total:.0f}/s)")


def _rested(pids: Mapping[str, int], check: Callable[[], None]) -> dict[str, float]:
    deadline = time.monotonic() + REST
    while time.monotonic() < deadline:
        check()
        time.sleep(0.1)
    return memory_of(pids)


def memory_of(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the resident megabytes of each process and, numbered, of its descendants; those that ended have none."""
    sizes = {}
    for name, pid in pids.items():
        with suppress(psutil.Error):
            main = psutil.Process(pid)
            for number, process in enumerate((main, *main.children(recursive=True))):
                sizes[f"{name} {number}" if number else name] = process.memory_info().rss / 2**20
    return sizes
