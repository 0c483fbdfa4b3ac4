"""Reports over HTTP, for the tests."""

from typing import Any

from . import jobs
from .conftest import Stack

URL = "/api/v1/reports"


def post(stack: Stack, **body: Any) -> dict[str, Any]:
    """Post a report that must be accepted; return it."""
    return jobs.post(stack, URL, {"title": "Numbers", "values": [1, 2, 3], **body})


def finished(stack: Stack, report: dict[str, Any]) -> dict[str, Any]:
    """Wait until a report is finished; return it."""
    return jobs.finished(stack, URL, report)
