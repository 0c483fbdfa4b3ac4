"""The worker's side of reports."""

from collections.abc import Mapping
from typing import Any

from common.config import Settings
from domain.report import service
from domain.report.jobs import COMPUTE, PURGE
from domain.report.settings import ReportSettings
from jobs.model import Claim
from jobs.runner import Attempt
from jobs.ticks import Schedule
from worker.jobs import JobTasks


def register(jobs: JobTasks) -> None:
    """Says which work stands behind which kind of job."""

    @jobs.work(COMPUTE)
    def compute(claim: Claim, attempt: Attempt) -> Mapping[str, Any]:
        return service.compute(claim.document, attempt.progress)

    @jobs.work(PURGE)
    def purge(_claim: Claim, _attempt: Attempt) -> Mapping[str, Any]:
        return service.purge(jobs.database, jobs.settings.section(ReportSettings))


def schedules(settings: Settings) -> list[Schedule]:
    """When the purge is due."""
    return [Schedule(PURGE, settings.section(ReportSettings).report_purge_every)]
