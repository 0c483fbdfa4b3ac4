from typing import Any

import pytest
from pydantic import ValidationError

from domain.report.model import ReportCreate


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": "t"},
        {"title": "", "values": [1]},
        {"title": "x" * 201, "values": [1]},
        {"title": "two\nlines", "values": [1]},
        {"title": "nul\x00", "values": [1]},
        {"title": 5, "values": [1]},
        {"title": {"$gt": ""}, "values": [1]},
        {"title": "t", "values": []},
        {"title": "t", "values": [0] * 100_001},
        {"title": "t", "values": [False]},
        {"title": "t", "values": ["1"]},
        {"title": "t", "values": [None]},
        {"title": "t", "values": [float("nan")]},
        {"title": "t", "values": [float("inf")]},
        {"title": "t", "values": [10**400]},
        {"title": "t", "values": "123"},
        {"title": "t", "values": {"0": 1}},
        {"title": "t", "values": [1], "job": {"state": "done"}},
    ],
)
def test_what_is_no_report_is_refused(body: Any) -> None:
    with pytest.raises(ValidationError):
        ReportCreate.model_validate(body)


def test_the_limits_themselves_are_taken() -> None:
    request = ReportCreate.model_validate({"title": "名" * 200, "values": [1, 2.5] * 50_000})
    assert len(request.values) == 100_000
