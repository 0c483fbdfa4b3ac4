"""The tasks of the feature that only tests use."""

from collections.abc import Mapping
from typing import Any

from jobs.model import Claim
from jobs.runner import Attempt
from testing.example import TICK, WORK, compute
from worker.jobs import JobTasks


def register(jobs: JobTasks) -> None:
    """Register the work for each kind of job."""

    @jobs.work(WORK)
    def work(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        return compute(claim.document, attempt.progress)

    @jobs.work(TICK)
    def tick(_claim: Claim, _attempt: Attempt) -> Mapping[str, Any]:
        return {"ticked": 1}
