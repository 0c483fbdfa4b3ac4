"""What was accepted is done, also when one of the servers was away."""

from typing import Any

import pytest

from devkit import ROOT
from devkit.first_result import sample

from . import jobs
from .conftest import Stack

# What some feature documents to be posted; a job has a status.
SAMPLE = sample(ROOT)
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(SAMPLE is None or "status" not in SAMPLE.shown, reason="no feature has jobs"),
]


def post(stack: Stack) -> dict[str, Any]:
    """Post the sample, which must be accepted; return the job."""
    assert SAMPLE
    return jobs.post(stack, SAMPLE.path, SAMPLE.body)


def get(stack: Stack, job: dict[str, Any]) -> dict[str, Any]:
    """Return a job as it stands now."""
    assert SAMPLE
    return jobs.get(stack, SAMPLE.path, job)


def finished(stack: Stack, job: dict[str, Any]) -> dict[str, Any]:
    """Wait until a job is finished; return it."""
    assert SAMPLE
    return jobs.finished(stack, SAMPLE.path, job)


def test_a_job_posted_while_the_broker_is_away_is_accepted_and_done_later(stack: Stack) -> None:
    broker = stack.environ["BROKER"]
    stack.kill(broker)
    stack.until(lambda: stack.http.get("/readyz").json()["status"] == "degraded")
    assert stack.http.get("/readyz").status_code == 200
    posted = [post(stack) for _ in range(5)]
    stack.start(broker)
    assert [finished(stack, job)["status"] for job in posted] == ["done"] * 5
    stack.until(lambda: stack.http.get("/readyz").json()["status"] == "ready")


def test_what_is_done_outlives_an_outage_of_mongodb_and_what_comes_after_is_done(stack: Stack) -> None:
    done = finished(stack, post(stack))
    stack.kill("mongo")
    stack.start("mongo")
    stack.until(lambda: stack.http.get("/readyz").status_code == 200)
    assert get(stack, done) == done
    assert finished(stack, post(stack))["status"] == "done"
