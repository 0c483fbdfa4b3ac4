"""Many reports at once: all of them end `done`, and afterwards no process has grown."""

import time
from collections.abc import Callable

from devkit.bench.client import ask, post
from devkit.bench.memory import memory_of
from devkit.bench.stack import measured_stack, wait_done
from devkit.terminal import say, table

REQUESTS = 10_000
WARM_UP = 1000
# Seconds of rest before memory is read: allocators give back late.
REST = 5


def measure(requests: int | None) -> int:
    """Post them as fast as the API takes them, wait for the last, print time and memory, and return the exit code.

    Half as many follow: what grows for good grows once more.
    """
    count = requests or REQUESTS
    bursts = [min(WARM_UP, count), count, count // 2]
    sizes = []
    with measured_stack() as (stack, check):
        for number in bursts:
            say(f"{number} reports ...")
            _tell(number, *_run(stack.url, number, check))
            sizes.append(_rested(stack.pids, check))
        states = ask(f"{stack.url}/bench/states")
    print(f"states in the end: {states}")
    rows = [(name, *(f"{size.get(name, 0):.0f}" for size in sizes)) for name in sizes[-1]]
    print(table(("memory in MB", *(f"after {number}" for number in bursts)), rows))
    return 0 if states == {"done": sum(bursts)} else 1


def _tell(count: int, posting: float, until_done: float, refused: int) -> None:
    accepted = f"accepted in {posting:.1f} s ({count / posting:.0f}/s), {refused} times told to come later"
    print(f"{count} reports {accepted}; all done after {until_done:.1f} s ({count / until_done:.0f}/s)")


def _run(url: str, count: int, check: Callable[[], None]) -> tuple[float, float, int]:
    """Return the seconds until all are accepted, those until all are done, and how often one came too early."""
    base, began = ask(f"{url}/bench/done/durable")["done"], time.monotonic()
    posted = post(url, "/api/v1/reports", count, check)
    posting = time.monotonic() - began
    wait_done(url, "durable", base + count, check)
    return posting, time.monotonic() - began, posted.refused


def _rested(pids: dict[str, int], check: Callable[[], None]) -> dict[str, float]:
    deadline = time.monotonic() + REST
    while time.monotonic() < deadline:
        check()
        time.sleep(0.1)
    return memory_of(pids)
