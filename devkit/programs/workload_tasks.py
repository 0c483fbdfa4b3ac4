"""The work of the example feature. Jobs of some titles misbehave, for the faults that need that."""

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

from jobs.model import Claim
from jobs.runner import Attempt
from testing.example import TICK, WORK, compute
from worker.jobs import JobTasks

SLOW_SECONDS, LONG_SECONDS = 3.0, 12.0


def register(jobs: JobTasks) -> None:
    """Register the work for each kind of job."""

    @jobs.work(WORK)
    def work(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        _misbehave(claim.document["title"], first=claim.document["job"]["attempt"] == 1)
        return compute(claim.document, attempt.progress)

    @jobs.work(TICK)
    def tick(_claim: Claim, _attempt: Attempt) -> Mapping[str, Any]:
        return {}


def _misbehave(title: str, *, first: bool) -> None:
    """Kill this process, never end, ignore a time limit once, or take long, as the title says."""
    match title:
        case "Poison":
            os.kill(os.getpid(), signal.SIGKILL)
        case "Stuck":
            _sleep(3600)
        case "Deaf" if first:
            while True:
                try:
                    _sleep(3600)
                except SoftTimeLimitExceeded:
                    continue
        case "Slow" if first:
            _sleep(SLOW_SECONDS)
        case "Long":
            _sleep(LONG_SECONDS)


def _sleep(seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        time.sleep(0.05)
