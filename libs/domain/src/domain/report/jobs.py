"""The jobs of reports: one that computes, one that a schedule makes."""

from common.jobs.model import JobKind
from common.jobs.ticks import tick_kind

COLLECTION = "reports"
COMPUTE = JobKind("report.compute", COLLECTION)
PURGE = tick_kind("report.purge")
