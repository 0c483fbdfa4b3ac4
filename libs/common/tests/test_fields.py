"""Fields that a client, Python and MongoDB understand alike: what was sent is what is stored, read and answered."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from pydantic import BaseModel, ConfigDict, ValidationError
from pymongo.database import Database

from common.fields import Amount, Day, Moment, Text, Title, WholeNumber, left_out
from common.mongo import Document


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title
    text: Text
    number: WholeNumber
    amount: Amount
    day: Day
    moment: Moment


class Request(Everything):
    model_config = ConfigDict(strict=True)


SENT: dict[str, Any] = {
    "title": "名",
    "text": "two\nlines",
    "number": 2**53 - 1,
    "amount": "-12345678901234567890.0123456789",
    "day": "0001-01-01",
    "moment": "2026-01-31T12:00:00.123Z",
}


@pytest.mark.integration
def test_what_was_sent_is_stored_read_and_answered(database: Database[Document]) -> None:
    database["all"].insert_one({"_id": "x", **Request.model_validate(SENT).model_dump()})
    document = database["all"].find_one({}, {"_id": False})
    assert document is not None
    assert document["amount"] == Decimal128(SENT["amount"])
    assert document["moment"] == datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)
    read = Everything.model_validate(document)
    assert (read.amount, read.day) == (Decimal(SENT["amount"]), date(1, 1, 1))
    assert read.model_dump(mode="json") == {**SENT, "moment": "2026-01-31T12:00:00.123000Z"}


def test_a_moment_is_kept_in_utc_and_in_milliseconds() -> None:
    for sent in ("2026-01-31T13:30:00.123999+01:30", "2026-01-31T12:00:00.123999999Z"):
        moment = Request.model_validate({**SENT, "moment": sent}).moment
        assert moment == datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)
    east = datetime(2026, 1, 31, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    assert Request.model_validate({**SENT, "moment": east}).moment == datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_an_amount_keeps_its_digits() -> None:
    for amount in ("12.50", "0.0000000001", "-0.00", "99999999999999999999", "100000"):
        assert Request.model_validate({**SENT, "amount": amount}).model_dump(mode="json")["amount"] == amount


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", ["", "x" * 201, "a\nb", "\x00", 5, None, {"$gt": ""}]),
        ("text", ["x" * 10_001, 5, None, ["a"]]),
        ("number", [2**53, -(2**53), 1.0, "1", True, None, 10**400]),
        (
            "amount",
            [
                1,
                1.5,
                True,
                None,
                "",
                "1e5",
                "NaN",
                "Infinity",
                ".5",
                "5.",
                "1" * 21,
                f"0.{'1' * 11}",
                "\N{FULLWIDTH DIGIT ONE}",
                " 1",
            ],
        ),
        (
            "day",
            [
                "2026-02-30",
                "2026-1-1",
                "20260101",
                "2026-01-01T00:00:00Z",
                "0000-01-01",
                0,
                None,
                "\N{FULLWIDTH DIGIT TWO}026-01-01",
            ],
        ),
        ("moment", ["2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-13-01T00:00:00Z", 0, None]),
        ("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-31T25:00:00Z"]),
        ("day", [datetime(2026, 1, 31, tzinfo=UTC)]),
        ("moment", [date(2026, 1, 31), datetime(2026, 1, 31)]),  # noqa: DTZ001 - without a zone on purpose
    ],
)
def test_what_is_no_such_field_is_refused(field: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ValidationError) as refusal:
            Request.model_validate({**SENT, field: value})
        assert [error["loc"] for error in refusal.value.errors()] == [(field,)], value


def test_the_document_describes_them() -> None:
    properties = Request.model_json_schema()["properties"]
    assert properties["amount"]["format"] == "decimal"
    assert properties["day"]["format"] == "date"
    assert properties["moment"]["format"] == "date-time"
    assert "anyOf" not in str(properties)


def test_a_field_that_may_be_left_out_cannot_be_null() -> None:
    class Change(BaseModel):
        title: Title = left_out()

    assert Change().model_dump(exclude_unset=True) == {}
    with pytest.raises(ValidationError):
        Change.model_validate({"title": None})
    assert "default" not in Change.model_json_schema()["properties"]["title"]
