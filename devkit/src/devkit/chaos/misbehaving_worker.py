"""The real worker, in which reports of some titles misbehave; workers start with it in the rows that need that.

It runs in the worker's process, not in the harness.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded

from domain.report import service
from worker.main import app as app

POISON = "Poison"
STUCK = "Stuck"
DEAF = "Deaf"
SLOW = "Slow"
LONG = "Long"
SLOW_FOR, LONG_FOR = 3.0, 12.0

# Seconds after which Valkey has a message delivered again; shorter than any task's limit allows.
if "VISIBILITY_TIMEOUT" in os.environ:
    app.conf.broker_transport_options["visibility_timeout"] = float(os.environ["VISIBILITY_TIMEOUT"])

_compute = service.compute


def compute(document: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
    """Kills its process, never ends, never ends once and does not hear that its time is up, or only takes long."""
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
            _sleep(SLOW_FOR)
        case "Long":
            _sleep(LONG_FOR)
    return _compute(document, progress)


def _sleep(seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        time.sleep(0.05)


service.compute = compute
