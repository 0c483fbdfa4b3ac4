"""Errors: every one is `application/problem+json` (RFC 9457) with the request's id; never HTML, never a stack trace."""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal

from apiflask import APIFlask, HTTPError
from flask import Response, current_app, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pymongo.errors import ConnectionFailure, PyMongoError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import RequestRedirect

from common.logging import REQUEST_ID

log = logging.getLogger(__name__)

Place = Literal["body", "query", "path", "header"]
# Where APIFlask says that it found something, in the words of OpenAPI.
PLACES: Mapping[str, Place] = {"json": "body", "query": "query", "path": "path", "headers": "header"}

# What a client sent may be megabytes long, and so may be the names in it; a problem stays short.
ERRORS = 20
TEXT_LENGTH = 200
RETRY_AFTER = 2


class InvalidPart(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(populate_by_name=True)

    place: Place = Field(serialization_alias="in", validation_alias="in", description="Where it stands.")
    pointer: str = Field(description="A JSON Pointer to it (RFC 6901).", examples=["/values/3"])
    detail: str = Field(examples=["Input should be a valid number"])


class Problem(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str = Field(default="about:blank", description="`about:blank`: the title says it all.")
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(ge=400, le=599, examples=[422])
    detail: str = Field(description="What happened, for people.", examples=["The body is not valid."])
    request_id: str = Field(description="The id that the server's log knows this request by.")
    errors: list[InvalidPart] = Field(default=[], description="What is wrong with the request, at most 20 things.")


def install(app: APIFlask) -> None:
    """Answer whatever Flask refuses, and what any view may raise; web.resources answers for resources."""
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(HTTPError, _on_http_error)
    app.register_error_handler(PyMongoError, _on_database_error)


def problem(
    status: int,
    detail: str,
    *,
    errors: Iterable[InvalidPart] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """Return the response that tells a problem; `more` are further members, as RFC 9457 allows."""
    body = Problem(
        title=HTTP_STATUS_CODES.get(status, "Error"),
        status=status,
        detail=shortened(detail),
        request_id=REQUEST_ID.get(),
        errors=list(errors),
    )
    members = body.model_dump(by_alias=True, exclude=None if body.errors else {"errors"})
    text = current_app.json.dumps(members | more, separators=(",", ":"))
    return Response(text, status, headers, content_type="application/problem+json")


def problem_at(place: Place, name: str, reason: str, *, status: int = 422, detail: str | None = None) -> Response:
    """Return the response for an invalid field or parameter, or an invalid place when `name` is empty."""
    part = InvalidPart(place=place, pointer=pointer_to([name] if name else []), detail=reason)
    return problem(status, detail or f"The {place} is not valid.", errors=[part])


def pointer_to(path: Iterable[str | int]) -> str:
    """Return the JSON Pointer (RFC 6901) that leads along these keys and positions, shortened."""
    return shortened("".join("/" + shortened(str(part)).replace("~", "~0").replace("/", "~1") for part in path))


def shortened(text: str) -> str:
    """At most 200 characters of a text."""
    return text if len(text) <= TEXT_LENGTH else f"{text[:TEXT_LENGTH]}…"


def is_away(error: PyMongoError) -> bool:
    """Return whether the error means that the database is unavailable, so the client may try again."""
    return error.timeout or isinstance(error, ConnectionFailure)


def _on_http_exception(error: HTTPException) -> Response:
    """Return what Flask and Werkzeug refuse; keeps their headers, such as `Allow`."""
    if isinstance(error, RequestRedirect):
        # Werkzeug would lead from one spelling of an address to another, in HTML.
        error = NotFound()
    if isinstance(error, InternalServerError):
        return problem(500, "Something went wrong here. The log tells what, under this request's id.")
    headers = {name: value for name, value in error.get_headers(request.environ) if name.lower() != "content-type"}
    return problem(error.code or HTTPStatus.INTERNAL_SERVER_ERROR, error.description or "", headers=headers)


def _on_http_error(error: HTTPError) -> Response:
    """Return what APIFlask refuses: above all, input that does not fit its model."""
    if isinstance(error.__cause__, ValidationError):
        return _on_invalid(error.__cause__, PLACES[next(iter(error.detail))])
    return problem(error.status_code, error.message or "")


def _on_invalid(error: ValidationError, place: Place) -> Response:
    """Return what does not fit its model. A path that does not fit leads nowhere, so that is a 404."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)[:ERRORS]
    parts = [
        InvalidPart(place=place, pointer=pointer_to(_path(problem["loc"], place)), detail=shortened(problem["msg"]))
        for problem in problems
    ]
    if place == "path":
        return problem(404, "There is nothing at this address.", errors=parts)
    return problem(422, f"The {place} is not valid.", errors=parts)


def _path(location: tuple[str | int, ...], place: Place) -> Iterable[str | int]:
    return [str(part).replace("_", "-").title() for part in location] if place == "header" else location


def _on_database_error(error: PyMongoError) -> Response:
    if not is_away(error):
        raise error
    log.warning("MongoDB did not answer in time (%s).", type(error).__name__)
    return problem(503, "The database cannot be reached. Try again.", headers={"Retry-After": str(RETRY_AFTER)})
