"""The worker's side of reports."""

from collections.abc import Mapping
from typing import Any

from domain.report import service
from domain.report.jobs import COMPUTE, PURGE
from domain.report.settings import ReportSettings
from jobs.model import Claim
from jobs.runner import Attempt
from worker.jobs import JobTasks


def register(jobs: JobTasks) -> None:
    """Register the work for each kind of job."""

    @jobs.work(COMPUTE)
    def compute(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        return service.compute(claim.document, attempt.progress)

    @jobs.work(PURGE)
    def purge(_claim: Claim, _attempt: Attempt) -> Mapping[str, Any]:
        return service.purge(jobs.database, jobs.settings.section(ReportSettings))
