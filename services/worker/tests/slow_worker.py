"""The real worker with one kind of job more, whose work lasts as long as its document says. Started by the tests."""

import os
import signal
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from celery import signals
from celery.exceptions import SoftTimeLimitExceeded
from pydantic import BaseModel, ConfigDict

from common.config import Settings
from common.feature import Feature
from common.migration import Migration
from common.queue.contract import Contract
from jobs.model import Claim, JobKind, PermanentError
from jobs.runner import Attempt
from worker import health
from worker.app import create_worker

SLOW = JobKind("slow.work", "slow")


class Hint(BaseModel):
    """The payload of the plain task."""

    model_config = ConfigDict(strict=True, extra="forbid")

    number: int
    at: datetime
    then: str = ""


HINT = Contract("slow.hint", Hint)

# A feature that only says which migrations the database has to have.
names = os.environ.get("MIGRATIONS", "").split()
features = [Feature("slow", migrations=[Migration("slow", name, "nowhere") for name in names])]
app = create_worker(Settings.load(os.environ, env_files=()), features=features, task_modules=[])
# Seconds after which a message is delivered again where the driver sees to that; shorter than any task's limit allows.
if "VISIBILITY_TIMEOUT" in os.environ:
    app.conf.broker_transport_options["visibility_timeout"] = float(os.environ["VISIBILITY_TIMEOUT"])
# Seconds of trouble after which the worker is unhealthy.
health.PATIENCE = float(os.environ.get("HEALTH_PATIENCE", health.PATIENCE))
health.LOOK = min(health.LOOK, health.PATIENCE / 4)
health.TURN = min(health.TURN, 2 + health.PATIENCE / 2)


@signals.task_received.connect
def hold(**_: Any) -> None:
    """Lets the event loop stand still as long as a file is there."""
    while Path(os.environ.get("HOLD", "nowhere")).exists():
        time.sleep(0.1)


@app.jobs.work(SLOW)
def work(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
    """Sleeps in steps, noting progress; then does as the document says."""
    app.jobs.database["runs"].insert_one({"job": claim.id, "attempt": claim.attempt, "pid": os.getpid()})
    seconds = claim.document["seconds"][min(claim.attempt, len(claim.document["seconds"])) - 1]
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        try:
            time.sleep(0.02)
        except SoftTimeLimitExceeded:
            if claim.document.get("then") != "deaf":
                raise
        attempt.progress(0.5)
    match claim.document.get("then"):
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "refuse":
            raise PermanentError("it cannot be done")
        case "fail":
            raise ValueError("not this time")
    return {"effect": claim.attempt}


@app.jobs.task(HINT)
def hint(payload: Hint) -> None:
    """Notes that it ran; then does as the payload says."""
    app.jobs.database["hints"].insert_one({"number": payload.number, "at": payload.at})
    match payload.then:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "fail":
            raise ValueError("not this time")
