"""Requests as fast as the API takes them, over connections that stay open."""

import http.client
import json
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from devkit.terminal import CommandError

CONNECTIONS = 8
_BODY = json.dumps({"title": "Bench", "values": [float(number % 97) for number in range(100)]}).encode()
_HEADERS = {"Content-Type": "application/json"}
_ACCEPTED, _LATER = 202, 429


@dataclass
class Posted:
    """What became of the requests: seconds to the answer of each that was accepted, and how many came too early."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def percentile(self, fraction: float) -> float:
        """Return the milliseconds that this part of the answers took at most."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(fraction * len(ordered)), len(ordered) - 1)]


def post(url: str, path: str, count: int, check: Callable[[], None]) -> Posted:
    """Post reports until as many were accepted; who comes too early comes again. Raises for any other answer."""
    posted, lock = Posted(), threading.Lock()
    left = iter(range(count))

    def work() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        while True:
            with lock:
                if next(left, None) is None:
                    break
            _post_one(connection, path, posted)
        connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for each in [pool.submit(work) for _ in range(CONNECTIONS)]:
            each.result()
            check()
    return posted


def _post_one(connection: http.client.HTTPConnection, path: str, posted: Posted) -> None:
    while True:
        began = time.perf_counter()
        connection.request("POST", path, _BODY, _HEADERS)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == _ACCEPTED:
            posted.seconds.append(time.perf_counter() - began)
            return
        if answer.status != _LATER:
            raise CommandError(f"POST {path} was answered {answer.status}: {text[:300].decode(errors='replace')}")
        posted.refused += 1
        time.sleep(float(answer.headers["Retry-After"]))


def ask(url: str) -> Any:
    """Return the JSON at an address."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own address
        return json.load(answer)
