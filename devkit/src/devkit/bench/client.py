"""Requests as fast as the API accepts them, over connections that stay open."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx2

from devkit.terminal import CommandError

CONNECTIONS = 8
_BODY = {"title": "Bench", "values": [float(number % 97) for number in range(100)]}


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

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for worker in [pool.submit(work) for _ in range(CONNECTIONS)]:
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
