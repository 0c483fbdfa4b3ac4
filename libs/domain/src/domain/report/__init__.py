"""Reports: a list of numbers goes in, its statistics come out, computed by the worker."""

from common.feature import Feature
from domain.report.jobs import COMPUTE, PURGE, REPORTS
from domain.report.settings import ReportSettings

FEATURE = Feature("report", settings=ReportSettings, collections=[REPORTS], jobs=[COMPUTE, PURGE])
