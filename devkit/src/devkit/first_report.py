"""A report that is posted as soon as the API answers, and followed until it is done; standard library only."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

_BODY = {"title": "First minute", "values": [1, 2, 4.5]}
_MEAN = 2.5
_POLL = 0.05


class FirstReportError(Exception):
    """The report was not done, or not right."""


def follow(api: str, check: Callable[[], None], *, timeout: float) -> dict[str, Any]:
    """Return the finished report; raise when there is none within `timeout` seconds, or when `check` does."""
    reports, report = f"{api}/api/v1/reports", dict[str, Any]()
    deadline = time.monotonic() + timeout
    while report.get("status") != "done":
        check()
        if time.monotonic() > deadline:
            raise FirstReportError(f"no report was done within {timeout:.0f} s; the last answer: {report}")
        if report.get("status") in ("failed", "cancelled"):
            raise FirstReportError(f"the report is {report}")
        time.sleep(_POLL)
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            report = _answer(f"{reports}/{report['id']}") if report else _answer(reports, _BODY)
    if report["result"]["mean"] != _MEAN:
        raise FirstReportError(f"the result is wrong: {report}")
    return report


def _answer(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what the API answers to a GET, or to a POST when there is a body."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - our own address
        answer: dict[str, Any] = json.load(response)
        return answer
