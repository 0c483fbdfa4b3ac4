"""The jobs of reports and their collection: one job computes, another is made by a schedule."""

from common.mongo import CollectionSpec
from domain.report.settings import ReportSettings
from jobs.model import JobKind, listing_indexes
from jobs.ticks import tick

REPORTS = CollectionSpec("reports", listing_indexes())
COMPUTE = JobKind("report.compute", REPORTS.name, payload=("values",))
PURGE = tick("report.purge", every=lambda settings: settings.section(ReportSettings).report_purge_every)
