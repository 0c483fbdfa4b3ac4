"""A few simulated users."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from devkit.apart import ensure_apart
from devkit.signals import StopRequest
from devkit.stress import locust
from devkit.stress.locust import Options, Target


@contextlib.contextmanager
def load(url: str, headers: Mapping[str, str], seconds: int, stop: StopRequest) -> Iterator[Callable[[], None]]:
    """Run a few users meanwhile; yield a function that raises when they have ended."""
    python = ensure_apart("stress")
    with tempfile.TemporaryDirectory(prefix="profile-") as folder:
        options = Options(user="MixUser", users=10, spawn_rate=10, run_time=f"{seconds + 60}s", reports=Path(folder))
        with locust.background(python, options, Target(url, headers), stop) as check:
            yield check
