"""Post jobs at a steady rate, each once: the client never retries, so that every refusal is visible."""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

# Seconds a client waits for an answer; shorter than a freeze, so that some leave before they are answered.
CLIENT_TIMEOUT = 10.0
# As many requests as can be in flight while an API process is frozen.
_THREADS = 128
_LARGE = 4000


@dataclass
class Post:
    """One request to create a job, and its answer. Times are in seconds since 1970; status 0 means no answer."""

    key: str
    title: str
    values: list[float] = field(repr=False)
    sent: float = 0.0
    answered: float = 0.0
    status: int = 0
    id: str = ""
    url: str = ""

    @property
    def accepted(self) -> bool:
        """Return whether it was answered 2xx."""
        return 200 <= self.status < 300

    @property
    def seconds(self) -> float:
        """Return how long the client waited."""
        return self.answered - self.sent


def requests(count: int, *, name: str, seed: int, titles: Sequence[str] = ()) -> list[Post]:
    """Return the requests of one run: mostly small, a few large. Requests after the first tenth get the `titles`."""
    random_ = random.Random(f"{seed} {name}")  # noqa: S311 - not a secret, but reproducible
    posts = []
    for number in range(count):
        size = _LARGE if number % 20 == 7 else random_.randint(1, 200)
        values = [round(random_.uniform(-1000, 1000), 3) for _ in range(size)]
        posts.append(Post(key=f"{name}-{seed}-{number}", title="Chaos", values=values))
    for post, title in zip(posts[count // 10 :: 7], titles, strict=False):
        post.title = title
    return posts


def client(**options: Any) -> httpx2.Client:
    """Return a client of the API, which speaks plain HTTP: the machine's authorities take long to be read."""
    return httpx2.Client(trust_env=False, verify=False, **options)


class Load:
    """Send requests at their times, to each address in turn as a load balancer would, whatever the answers are.

    A context manager: at its end nothing more is sent, and what is in flight is waited for.
    """

    def __init__(
        self, urls: Sequence[str], posts: Sequence[Post], *, rate: float, headers: Mapping[str, str] | None = None
    ) -> None:
        self._urls, self.posts, self._rate = urls, posts, rate
        limits = httpx2.Limits(max_connections=_THREADS, max_keepalive_connections=8)
        self._client = client(timeout=CLIENT_TIMEOUT, limits=limits, headers=headers)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._client.close()

    def wait(self, check: Callable[[], None]) -> None:
        """Wait until all requests are answered or given up; `check` may raise."""
        while self._thread.is_alive():
            check()
            self._thread.join(0.1)

    def _run(self) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="post") as pool:
            for number, post in enumerate(self.posts):
                if self._stopped.wait(max(0.0, began + number / self._rate - time.monotonic())):
                    return
                pool.submit(self._send, post, self._urls[number % len(self._urls)])

    def _send(self, post: Post, url: str) -> None:
        post.sent, post.url = time.time(), url
        body = {"title": post.title, "values": post.values}
        try:
            answer = self._client.post(f"{url}/api/v1/examples", json=body, headers={"Idempotency-Key": post.key})
            post.status = answer.status_code
            if post.accepted:
                post.id = answer.json()["id"]
        except (httpx2.HTTPError, ValueError):
            post.status = 0
        post.answered = time.time()
