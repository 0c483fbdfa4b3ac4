"""Posts reports at a steady rate, each once: a client that does not try again, so that every refusal is seen."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx2

# Seconds a client waits for an answer; shorter than a freeze, so some leave before they are answered.
PATIENCE = 10.0
# As many as can be in flight while an API process is frozen.
_THREADS = 128
_LARGE = 4000


@dataclass
class Post:
    """One request to make a report, and what came of it. Times are in seconds since 1970; status 0 is no answer."""

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
        """Whether it was promised."""
        return 200 <= self.status < 300

    @property
    def seconds(self) -> float:
        """How long the client waited."""
        return self.answered - self.sent


def requests(count: int, *, name: str, seed: int, titles: Sequence[str] = ()) -> list[Post]:
    """The requests of one run: mostly small, a few large; `titles` are those of the first after a tenth of them."""
    dice = random.Random(f"{seed} {name}")  # noqa: S311 - not a secret, but to be repeated
    posts = []
    for number in range(count):
        size = _LARGE if number % 20 == 7 else dice.randint(1, 200)
        values = [round(dice.uniform(-1000, 1000), 3) for _ in range(size)]
        posts.append(Post(key=f"{name}-{seed}-{number}", title="Chaos", values=values))
    for post, title in zip(posts[count // 10 :: 7], titles, strict=False):
        post.title = title
    return posts


class Load:
    """Sends the requests at their times, in turn to each address as a balancer would, and whatever the answers."""

    def __init__(self, urls: Sequence[str], posts: Sequence[Post], *, rate: float) -> None:
        self._urls, self.posts, self._rate = urls, posts, rate
        self._client = httpx2.Client(
            timeout=PATIENCE,
            limits=httpx2.Limits(max_connections=_THREADS, max_keepalive_connections=8),
            trust_env=False,
        )
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def start(self) -> None:
        """Begins to send."""
        self._thread.start()

    def wait(self, check: Callable[[], None]) -> None:
        """Waits until all are answered or given up; `check` may raise."""
        while self._thread.is_alive():
            check()
            self._thread.join(0.1)

    def stop(self) -> None:
        """Sends nothing more, and waits for what is under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._client.close()

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
            answer = self._client.post(f"{url}/api/v1/reports", json=body, headers={"Idempotency-Key": post.key})
            post.status = answer.status_code
            if post.accepted:
                post.id = answer.json()["id"]
        except (httpx2.HTTPError, ValueError):
            post.status = 0
        post.answered = time.time()
