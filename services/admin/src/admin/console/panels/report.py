"""Reports on the page: the last ones with their histograms, and a form that creates one."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from admin.console.context import Console
from admin.console.extensions.jobs import jobs, refusals
from admin.console.forms import FormError, shortened
from common.logging import REQUEST_ID
from domain.report import service
from domain.report.model import Histogram, ReportCreate
from jobs.resource import JobQuery

LAST = 10
SEPARATORS = re.compile(r"[\s,;]+")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# The field of the form for each field of the request.
FIELDS: Mapping[int | str, str] = {"title": "title", "values": "numbers"}
MESSAGES = {"string_too_short": "Enter a title.", "too_short": "Enter at least one number."}
# Units of the drawing; each bar has a gap of one to its right.
BAR, HEIGHT = 10, 60


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram, in the units of the drawing; one that is not empty is visible."""

    x: float
    y: float
    width: float
    height: float


def show(_: Console) -> dict[str, Any]:
    """Return the last reports, each with its bars."""
    reports = service.page(jobs(), JobQuery(limit=LAST)).items
    return {"reports": [(report, bars(report.result.histogram) if report.result else []) for report in reports]}


def submit(_: Console, fields: Mapping[str, str]) -> str:
    """Create a report, and return the id of its element on the page. Raises FormError.

    The key stands for this form and these fields: changed fields create another report.
    """
    title, numbers = fields.get("title", "").strip(), fields.get("numbers", "")
    body = requested(title, numbers)
    key = hashlib.sha256("\0".join((fields.get("key", ""), title, numbers)).encode()).hexdigest()
    with refusals():
        report = service.accept(jobs(), body, key=key, request_id=REQUEST_ID.get())
    return f"report-{report.id}"


def requested(title: str, numbers: str) -> ReportCreate:
    """Return the request that a person typed. Raises FormError."""
    words = [word for word in SEPARATORS.split(numbers) if word]
    wrong = next((word for word in words if not NUMBER.fullmatch(word)), None)
    try:
        body = ReportCreate.model_validate({"title": title, "values": [] if wrong else [float(word) for word in words]})
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        errors = {FIELDS[problem["loc"][0]]: MESSAGES.get(problem["type"], problem["msg"]) for problem in problems}
        if wrong:
            errors["numbers"] = f"“{shortened(wrong)}” is not a number."
        raise FormError(errors) from error
    return body


def bars(histogram: Histogram) -> list[Bar]:
    """Return the bars of a histogram; the highest is as high as the drawing."""
    highest = max(histogram.counts)
    heights = [max(HEIGHT * count / highest, 1) if count else 0 for count in histogram.counts]
    return [
        Bar(number * BAR, round(HEIGHT - height, 2), BAR - 1, round(height, 2)) for number, height in enumerate(heights)
    ]
