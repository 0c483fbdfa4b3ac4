"""Forms of pages: what has to hold before anybody reads their fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from api.edge import StrictRequest


class FormError(Exception):
    """What is wrong with a form, for people, by the name of the field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__(", ".join(self.errors))


@dataclass(frozen=True)
class Entry:
    """What stands in a form: nothing at first, else what was sent; `errors` by field, "" for the form as a whole."""

    fields: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def posted_fields() -> dict[str, str]:
    """The fields of the form in this request.

    Raises UnsupportedMediaType and BadRequest for what is no form; what a page of another site sends gets no further
    than the edge.
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("The form has to be sent as application/x-www-form-urlencoded.")
    if isinstance(request, StrictRequest):
        request.need_whole_body()
    return request.form.to_dict()
