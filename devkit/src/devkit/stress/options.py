"""What a run of simulated users is."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Options:
    """A run: `users` of the class `user`, against `host` ("" for a stack of its own), for `run_time`, and its limits.

    `spawn_rate` is in users per second, `max_p95` in milliseconds, `max_fail_ratio` from 0 to 1.
    """

    user: str
    users: int
    spawn_rate: float
    run_time: str
    reports: Path
    host: str = ""
    processes: int = 1
    web: bool = False
    web_port: int = 0
    max_fail_ratio: float = 1
    max_p95: float | None = None
