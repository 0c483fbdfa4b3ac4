"""The product in production mode with a few more addresses, and requests as fast as it accepts them."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2

from devkit import ROOT
from devkit.signals import StopRequest
from devkit.stack.private import PrivateStack
from devkit.stack.temporary import temporary_stack
from devkit.terminal import CommandError

_CONNECTIONS = 8
_BODY = {"title": "Bench", "values": [float(number % 97) for number in range(100)]}
_POLL = 0.1
_PROGRAMS = ROOT / "devkit" / "programs"
_MEASURE = {"API_APP": "bench_api:front", "WORKER_APP": "bench_worker:app", "PYTHONPATH": str(_PROGRAMS)}


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


@dataclass
class Posted:
    """The answers: seconds to each that accepted a request, and how many asked to come later."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def percentile(self, fraction: float) -> float:
        """Return the milliseconds that this fraction of the answers took at most."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(fraction * len(ordered)), len(ordered) - 1)]


def post(url: str, path: str, count: int, check: Callable[[], None]) -> Posted:
    """Post until `count` requests were accepted; repeat those answered 429. Raise CommandError for any other answer."""
    posted, lock = Posted(), threading.Lock()
    left = iter(range(count))

    def work() -> None:
        with httpx2.Client(base_url=url, timeout=30, trust_env=False) as client:
            while True:
                with lock:
                    if next(left, None) is None:
                        return
                _post_one(client, path, posted)

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        for worker in [pool.submit(work) for _ in range(_CONNECTIONS)]:
            worker.result()
            check()
    return posted


def _post_one(client: httpx2.Client, path: str, posted: Posted) -> None:
    while True:
        began = time.perf_counter()
        answer = client.post(path, json=_BODY)
        if answer.status_code == HTTPStatus.ACCEPTED:
            posted.seconds.append(time.perf_counter() - began)
            return
        if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            raise CommandError(f"POST {path} was answered {answer.status_code}: {answer.text[:300]}")
        posted.refused += 1
        time.sleep(float(answer.headers["Retry-After"]))


def get(url: str) -> Any:
    """Return the JSON at an address."""
    return httpx2.get(url, timeout=30, trust_env=False).raise_for_status().json()
