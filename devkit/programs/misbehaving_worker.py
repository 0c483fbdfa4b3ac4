"""The real worker, in which reports of some titles misbehave. Some faults run it in place of the usual one."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

from domain.report import service
from worker.main import app as app

SLOW_SECONDS, LONG_SECONDS = 3.0, 12.0

# Seconds after which Valkey redelivers a message; shorter than the limit of any task allows.
if "VISIBILITY_TIMEOUT" in os.environ:
    app.conf.broker_transport_options["visibility_timeout"] = float(os.environ["VISIBILITY_TIMEOUT"])

_compute = service.compute


def compute(document: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
    """Kill this process, never end, ignore a time limit once, or take long, as the title says."""
    first = document["job"]["attempt"] == 1
    match document["title"]:
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
    return _compute(document, progress)


def _sleep(seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        time.sleep(0.05)


service.compute = compute
