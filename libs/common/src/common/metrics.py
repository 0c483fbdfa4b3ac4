"""Metrics: what the processes of a service count, told together by whichever of them is asked.

The processes of a service each count in files of their own in one folder, as prometheus-client has it
(`PROMETHEUS_MULTIPROC_DIR`); a process that shares no folder counts in its memory. Every metric here has a label: one
without would choose its place when this module is imported, before anybody can say where.
"""

import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# Stands for all processes that have ended; no process has this number.
ENDED = 0
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

# What is counted here, and by the modules that count other things.
OWN = CollectorRegistry()

REQUESTS = Counter("http_requests", "Requests that were answered.", ["method", "route", "status"], registry=OWN)
REQUEST_SECONDS = Histogram(
    "http_request_seconds", "From a request to its answer.", ["method", "route"], registry=OWN, buckets=SECONDS
)

# A child that is forked while another thread counts would inherit a lock that is never released.
_counting = threading.Lock()
os.register_at_fork(before=_counting.acquire, after_in_parent=_counting.release, after_in_child=_counting.release)


def count(counter: Counter, *labels: str, by: float = 1) -> None:
    """Add to a counter; safe in a process with threads that forks."""
    with _counting:
        counter.labels(*labels).inc(by)


def observe(histogram: Histogram, seconds: float, *labels: str) -> None:
    """Add a measured time to a histogram; safe in a process with threads that forks."""
    with _counting:
        histogram.labels(*labels).observe(seconds)


def join() -> None:
    """Make the folder that the environment names, if it names one: its processes count together."""
    if folder := os.environ.get(FOLDER):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def shared() -> Iterator[None]:
    """Within this block the processes that are forked count together, in a folder of their own unless one is named.

    Begin it before anything is counted.
    """
    if os.environ.get(FOLDER):
        join()
        yield
        return
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="metrics-")
    before, values.ValueClass = values.ValueClass, values.MultiProcessValue()
    try:
        yield
    finally:
        values.ValueClass = before
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)


def registry(*more: Collector) -> CollectorRegistry:
    """Return the registry to read metrics from: all that was counted, and what these collectors know."""
    metrics = CollectorRegistry()
    for collector in (_Counted(), *more):
        metrics.register(collector)
    return metrics


class _Counted(Collector):
    """What all processes that share the folder have counted, those that have ended included."""

    def collect(self) -> Iterable[Metric]:
        if not (folder := os.environ.get(FOLDER)):
            return OWN.collect()
        # A program that cleans temporary folders may have removed it.
        join()
        with Path(folder, "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _fold_ended(Path(folder))
            # A file is empty until its process has made room in it; the library cannot read one.
            begun = [str(path) for path in Path(folder).glob("*.db") if path.stat().st_size]
            return list(MultiProcessCollector.merge(begun))


def _fold_ended(folder: Path) -> None:
    """Add the files of processes that have ended to one, so that a pool whose children keep dying fills no disk."""
    for path in folder.glob("*_*.db"):
        kind, _, pid = path.stem.rpartition("_")
        if int(pid) != ENDED and not _is_alive(int(pid)):
            if path.stat().st_size:
                _add(path, folder / f"{kind}_{ENDED}.db")
            path.unlink()


def _add(ended: Path, to: Path) -> None:
    total = MmapedDict(str(to))
    for key, value, *_ in MmapedDict.read_all_values_from_file(str(ended)):
        total.write_value(key, total.read_value(key)[0] + value, 0.0)
    total.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
