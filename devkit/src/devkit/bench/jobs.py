"""What durable jobs cost, beside plain Celery tasks on the same broker, API, worker and database, in one run."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from devkit.bench.client import Posted, ask, post
from devkit.bench.stack import measured_stack, wait_done
from devkit.terminal import say, table

REQUESTS = 2000
# The kinds take turns, so that whatever else the machine does disturbs all of them.
ROUNDS = 4
WARM_UP = 50
KINDS = {
    "durable": ("durable job", "/api/v1/reports"),
    "plain": ("plain task, document in MongoDB", "/bench/plain"),
    "bare": ("plain task, message alone", "/bench/bare"),
}
AIM_SPEED, AIM_TRIPS = 0.5, 6
# What this measurement itself asks MongoDB.
_OWN = ("count", "serverStatus")


@dataclass
class Measured:
    """One kind: how many jobs in how many seconds, their posts, and the commands that MongoDB got."""

    done: int = 0
    took: float = 0
    posted: Posted = field(default_factory=Posted)
    commands: Counter[str] = field(default_factory=Counter)

    @property
    def speed(self) -> float:
        """Jobs per second, from the first post to the last one done."""
        return self.done / self.took

    @property
    def trips(self) -> float:
        """Commands that MongoDB got for each job, those of sweepers and signs of life included."""
        return self.commands.total() / self.done


def measure(requests: int | None) -> int:
    """Measure all kinds in turns, print them side by side, and return the exit code."""
    count = (requests or REQUESTS) // ROUNDS or 1
    found = {kind: Measured() for kind in KINDS}
    with measured_stack() as (stack, check):
        for kind in KINDS:
            _round(stack.url, kind, min(WARM_UP, count), Measured(), check)
        for number in range(ROUNDS):
            for kind, (name, _) in KINDS.items():
                say(f"round {number + 1} of {ROUNDS}: {count} x {name} ...")
                _round(stack.url, kind, count, found[kind], check)
    _print(found)
    return 0


def _round(url: str, kind: str, count: int, found: Measured, check: Callable[[], None]) -> None:
    before, base = _commands(url), ask(f"{url}/bench/done/{kind}")["done"]
    began = time.monotonic()
    posted = post(url, KINDS[kind][1], count, check)
    wait_done(url, kind, base + count, check)
    found.took += time.monotonic() - began
    found.done += count
    found.posted.seconds += posted.seconds
    found.commands += _commands(url) - before


def _commands(url: str) -> Counter[str]:
    """Return the commands that MongoDB has got since its start, as its `serverStatus` counts them."""
    counts = ask(f"{url}/bench/commands")
    return Counter({name: count for name, count in counts.items() if name not in _OWN})


def _print(found: dict[str, Measured]) -> None:
    rows = [
        (
            KINDS[kind][0],
            f"{each.speed:.0f}",
            f"{found['durable'].speed / each.speed:.0%}",
            f"{each.posted.percentile(0.5):.1f}",
            f"{each.posted.percentile(0.99):.1f}",
            f"{each.trips:.1f}",
            ", ".join(f"{name} {count / each.done:.2f}" for name, count in each.commands.most_common(5)),
        )
        for kind, each in found.items()
    ]
    print(table(("", "jobs/s", "durable is", "POST p50 ms", "p99 ms", "MongoDB trips/job", "of these"), rows))
    ratio, trips = found["durable"].speed / found["plain"].speed, found["durable"].trips
    for what, value, kept in (
        (f"at least {AIM_SPEED:.0%} of a plain task's speed", f"{ratio:.0%}", ratio >= AIM_SPEED),
        (f"at most {AIM_TRIPS} trips to MongoDB for a job", f"{trips:.1f}", trips <= AIM_TRIPS),
    ):
        print(f"aim: {what}: {value}, {'kept' if kept else 'MISSED'}")
