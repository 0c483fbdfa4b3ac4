"""The jobs of reports: one that computes, one that a schedule makes."""

from jobs.model import JobKind
from jobs.ticks import tick_kind

COLLECTION = "reports"
COMPUTE = JobKind("report.compute", COLLECTION)
PURGE = tick_kind("report.purge")
