"""The forms of the page, and what must be true before their fields are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from werkzeug.exceptions import BadRequest, LengthRequired, UnsupportedMediaType

TEXT_LENGTH = 200


class FormError(Exception):
    """What is wrong with a form, for people, by the name of the field, and the status of the answer."""

    def __init__(self, errors: Mapping[str, str], *, status: int = 422) -> None:
        self.errors, self.status = dict(errors), status
        super().__init__(", ".join(self.errors))


@dataclass(frozen=True)
class Entry:
    """The content of a form: nothing at first, else what was sent; `errors` by field, "" for the form as a whole."""

    fields: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def posted_fields() -> dict[str, str]:
    """Return the fields of the form in this request.

    Raises UnsupportedMediaType, LengthRequired and BadRequest.
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("The form has to be sent as application/x-www-form-urlencoded.")
    if request.content_length is None:
        # Browsers always send it. Without it, nothing tells a whole body from one that was cut short.
        raise LengthRequired("The form has to be sent with its Content-Length.")
    if len(request.get_data()) < request.content_length:
        raise BadRequest("The body ends before its Content-Length.")
    return request.form.to_dict()


def shortened(text: str) -> str:
    """Return at most 200 characters of a text that a person typed."""
    return text if len(text) <= TEXT_LENGTH else f"{text[:TEXT_LENGTH]}…"
