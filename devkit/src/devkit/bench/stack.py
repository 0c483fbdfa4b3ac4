"""The product in production mode with a few more addresses, and requests as fast as it accepts them."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2
from pymongo import MongoClient

from devkit import ROOT, ports
from devkit.bench import sending
from devkit.bench.peers import PROGRAMS
from devkit.bench.sending import Sent
from devkit.servers.accounts import SHARED
from devkit.servers.mongo import Mongo
from devkit.signals import StopRequest
from devkit.stack.private import PrivateStack
from devkit.stack.temporary import temporary_stack
from devkit.terminal import CommandError, progress

PATH = "/api/v1/examples"
CONNECTIONS = 8
BODY = {"title": "Bench", "values": [float(number % 97) for number in range(100)]}
# Seconds: between two looks, and without any job done until a measurement is given up.
_POLL, _STALL = 0.05, 60.0
_MEASURE = {
    "API_APP": "bench_api:front",
    "WORKER_APP": "workload_worker:app",
    "RIGHTS_APP": "workload_rights",
    # Peers have a database and a queue of their own there.
    SHARED: "1",
    "PYTHONPATH": str(PROGRAMS),
}


@contextmanager
def measured_stack(**settings: str) -> Iterator[tuple[PrivateStack, Callable[[], None]]]:
    """Yield a stack with these settings, and a function that raises when it has ended or a stop was requested."""
    stop = StopRequest()
    with temporary_stack(stop, {**_MEASURE, **settings}) as stack:
        command = [sys.executable, str(PROGRAMS / "workload_indexes.py")]
        subprocess.run(command, cwd=ROOT, env=stack.environ, check=True)

        def check() -> None:
            stop.check()
            stack.check()

        yield stack, check


@dataclass
class Posted:
    """The answers: seconds to each that accepted a request, and how many asked to come later.

    `accepting` are the seconds until all were accepted, `total` until all jobs were done.
    """

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    accepting: float = 0
    total: float = 0

    def percentile(self, fraction: float) -> float:
        """Return the milliseconds that this fraction of the answers took at most."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(fraction * len(ordered)), len(ordered) - 1)]


def administrator(stack: PrivateStack) -> MongoClient[dict[str, Any]]:
    """Return a client of the stack's MongoDB, by the account that may ask it about itself."""
    return MongoClient(
        ports.HOST,
        int(stack.environ["MONGO_PORT"]),
        username=Mongo.administrator,
        password=stack.environ[Mongo.administrator_key],
        directConnection=True,
    )


def run_jobs(stack: PrivateStack, count: int, check: Callable[[], None], what: str) -> Posted:
    """Post jobs until `count` were accepted, repeat those answered 429, and wait until all are done."""
    base, began, posted = count_done(stack), time.monotonic(), Posted()
    with progress(what, 2 * count) as show:
        _post(stack, count, posted, check, show)
        posted.accepting = time.monotonic() - began
        wait_done(lambda: count_done(stack) - base, count, check, lambda done: show(count + done))
    posted.total = time.monotonic() - began
    return posted


def wait_done(
    done: Callable[[], int], count: int, check: Callable[[], None], show: Callable[[int], None] = lambda _: None
) -> None:
    """Wait until so many jobs are done. Raises CommandError when none is for a minute."""
    last, since = -1, time.monotonic()
    while (now := done()) < count:
        check()
        if now != last:
            last, since = now, time.monotonic()
            show(now)
        if time.monotonic() - since > _STALL:
            raise CommandError(f"{now} of {count} jobs are done, and none more for {_STALL:.0f} s")
        time.sleep(_POLL)


def burst_through(
    url: str, headers: Mapping[str, str], count: int, done: Callable[[], int], check: Callable[[], None]
) -> tuple[float, Sent]:
    """Post jobs as fast as they are accepted, by another program; return the seconds until the last one is done."""
    before, began = done(), time.perf_counter()
    sent = sending.post(f"{url}{PATH}", headers, BODY, count=count, connections=CONNECTIONS)
    wait_done(lambda: done() - before, count, check)
    return time.perf_counter() - began, sent


def _post(
    stack: PrivateStack, count: int, posted: Posted, check: Callable[[], None], show: Callable[[float], None]
) -> None:
    """Post until `count` requests were accepted. Raise CommandError for an answer that is neither 202 nor 429."""
    lock, left = threading.Lock(), iter(range(count))

    def work() -> None:
        with httpx2.Client(base_url=stack.url, headers=stack.headers, timeout=30, trust_env=False) as client:
            while True:
                with lock:
                    if next(left, None) is None:
                        return
                _post_one(client, posted)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        workers = [pool.submit(work) for _ in range(CONNECTIONS)]
        while wait(workers, timeout=_POLL).not_done:
            check()
            show(len(posted.seconds))
        for worker in workers:
            worker.result()


def _post_one(client: httpx2.Client, posted: Posted) -> None:
    while True:
        began = time.perf_counter()
        answer = client.post(PATH, json=BODY)
        if answer.status_code == HTTPStatus.ACCEPTED:
            posted.seconds.append(time.perf_counter() - began)
            return
        if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            raise CommandError(f"POST {PATH} was answered {answer.status_code}: {answer.text[:300]}")
        posted.refused += 1
        time.sleep(float(answer.headers["Retry-After"]))


def get(stack: PrivateStack, path: str) -> Any:
    """Return the JSON at an address of the API."""
    return (
        httpx2.get(f"{stack.url}{path}", headers=stack.headers, timeout=30, trust_env=False).raise_for_status().json()
    )


def count_done(stack: PrivateStack) -> int:
    """Return how many jobs are done."""
    return int(get(stack, "/bench/done")["done"])
