"""Reports on the page: the last ones with their histograms, and a form to have one made."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.context import clients
from api.forms import FormError
from api.problems import shortened
from api.routes.report import accepted
from domain.report.model import Histogram, ReportCreate
from domain.report.store import ReportStore

LAST = 10
SEPARATORS = re.compile(r"[\s,;]+")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# The fields of the form that the fields of a request are read from.
FIELDS: Mapping[int | str, str] = {"title": "title", "values": "numbers"}
MESSAGES = {"string_too_short": "Enter a title.", "too_short": "Enter at least one number."}
# The histogram's drawing: twenty bars, each with a gap of one to its right.
BAR, HEIGHT = 10, 60


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram, in the units of the drawing; one that is not empty can be seen."""

    x: float
    y: float
    width: float
    height: float


def show() -> dict[str, Any]:
    """The last reports, each with its bars."""
    reports = ReportStore(clients().database).list(status=None, before=None, limit=LAST)
    return {"reports": [(report, bars(report.result.histogram) if report.result else []) for report in reports]}


def accept(fields: Mapping[str, str]) -> str:
    """Has a report made. The key is for this form and these fields: who goes back and changes them makes another."""
    title, numbers = fields.get("title", "").strip(), fields.get("numbers", "")
    body = requested(title, numbers)
    key = hashlib.sha256("\0".join((fields.get("key", ""), title, numbers)).encode()).hexdigest()
    return f"report-{accepted(body, idempotency_key=key).id}"


def requested(title: str, numbers: str) -> ReportCreate:
    """The request that a person typed. Raises FormError."""
    words = [word for word in SEPARATORS.split(numbers) if word]
    wrong = next((word for word in words if not NUMBER.fullmatch(word)), None)
    try:
        body = ReportCreate.model_validate({"title": title, "values": [] if wrong else [float(word) for word in words]})
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        errors = {FIELDS[each["loc"][0]]: MESSAGES.get(each["type"], each["msg"]) for each in found}
        if wrong:
            errors["numbers"] = f"“{shortened(wrong)}” is no number."
        raise FormError(errors) from error
    return body


def bars(histogram: Histogram) -> list[Bar]:
    """The bars of a histogram; the highest is as high as the drawing."""
    highest = max(histogram.counts)
    heights = [max(HEIGHT * count / highest, 1) if count else 0 for count in histogram.counts]
    return [
        Bar(number * BAR, round(HEIGHT - height, 2), BAR - 1, round(height, 2)) for number, height in enumerate(heights)
    ]
