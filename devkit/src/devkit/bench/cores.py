"""Cores of this machine for what is measured and for all that is not, where the system can hold processes to them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


def usable() -> list[int]:
    """Return the cores that this process may use; none where the system does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def measured() -> set[int]:
    """Return the core of what is measured; none where there is only one, or where no process can be held to it."""
    return set(known[:1]) if len(known := usable()) > 1 else set()


def others() -> set[int]:
    """Return the cores of everything else."""
    return set(usable()[1:])


def used(pid: int, *, children: bool = True) -> float:
    """Return the seconds of a core that a process has used so far, with those of its children or without."""
    first = psutil.Process(pid)
    times = [each.cpu_times() for each in (first, *(first.children(recursive=True) if children else ()))]
    return float(sum(each.user + each.system for each in times))


@contextmanager
def held_to(chosen: set[int]) -> Iterator[None]:
    """Start processes on these cores alone within the block; on any core when there are none."""
    if not chosen:
        yield
        return
    before = os.sched_getaffinity(0)
    # Of the calling thread; what it starts inherits it.
    os.sched_setaffinity(0, chosen)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
