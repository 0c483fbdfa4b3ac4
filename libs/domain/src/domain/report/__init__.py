"""Reports: a list of numbers goes in, its statistics come out, computed by the worker."""

from domain.report.jobs import COMPUTE, PURGE, REPORTS
from domain.report.seed import seed
from domain.report.settings import ReportSettings
from jobs.feature import JobFeature

FEATURE = JobFeature("report", settings=ReportSettings, collections=[REPORTS], jobs=[COMPUTE, PURGE], seed=seed)
