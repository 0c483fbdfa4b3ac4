"""What the worker does for reports."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from common.mongo import Document
from domain.report.settings import ReportSettings
from domain.report.statistics import summarize
from domain.report.store import ReportStore


def compute(document: Document, progress: Callable[[float], None]) -> dict[str, Any]:
    """The effect of a report's job: the fields that are written together with `done`."""
    return {"result": summarize(document["values"], progress).model_dump()}


def purge(database: Database[Document], settings: ReportSettings) -> dict[str, Any]:
    """Removes what is older than the settings allow; the effect is the number, kept in the tick's document."""
    return {"removed": ReportStore(database).purge(timedelta(days=settings.report_keep_days))}
