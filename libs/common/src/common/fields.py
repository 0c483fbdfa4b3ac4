"""Types of fields that mean the same to a client, to Python and to MongoDB; strict, and with bounds.

JSON has neither exact decimals nor dates, and MongoDB has no days, so these travel as text. In a model that answers,
they also take what MongoDB returns, so `Invoice(**document)` reads back what `request.model_dump()` has stored.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from bson.decimal128 import Decimal128
from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializationInfo,
    StringConstraints,
    WithJsonSchema,
)

# A line of text without control characters.
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
# Any text; it may be empty.
Text = Annotated[str, StringConstraints(max_length=10_000)]
# What JavaScript, and with it many a reader of JSON, keeps exactly.
WholeNumber = Annotated[int, Field(ge=1 - 2**53, le=2**53 - 1)]

# Twenty digits before the point and ten behind it: decimal128 keeps 34.
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(rf"{_DAY.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,9}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})")


def left_out() -> Any:
    """Return the field of a change that may be left out but cannot be null; its default is never used."""
    return Field(None, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    del schema["default"]


def _decimal(value: object) -> object:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return _refuse(value, Decimal, 'an exact number as text, such as "12.50"')


def _stored_decimal(value: Decimal, info: SerializationInfo) -> object:
    return f"{value:f}" if info.mode_is_json() else Decimal128(value)


def _day(value: object) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    # A moment is a date too, for Python.
    return _refuse(None if isinstance(value, datetime) else value, date, "a day such as 2026-01-31")


def _moment(value: object) -> object:
    """Return a moment as MongoDB keeps it: in UTC, and in milliseconds."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        return _refuse(None, datetime, "a time with its zone, such as 2026-01-31T12:00:00Z")
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _refuse(value: object, kind: type, wanted: str) -> object:
    """Return what is of its kind already. Raises ValueError, which a validator turns into a problem."""
    if isinstance(value, kind):
        return value
    raise ValueError(f"has to be {wanted}")


# An exact number, such as an amount of money: text in JSON, decimal128 in MongoDB.
Amount = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(_stored_decimal),
    WithJsonSchema({"type": "string", "format": "decimal", "pattern": f"^{_DECIMAL.pattern}$"}),
]
# A day without a time: text in JSON and in MongoDB, in an order that is the calendar's.
Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date"}),
]
# A moment: text with its zone in JSON, a date in MongoDB.
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
