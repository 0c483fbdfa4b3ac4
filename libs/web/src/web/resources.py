"""What the routes of all resources share: addresses, and the answers to requests that cannot be fulfilled.

Each answer stands beside its text in the OpenAPI document.
"""

from apiflask import APIFlask
from flask import Response
from pydantic import BaseModel, Field

from common.paging import ForeignCursorError
from common.resource import ChangedError, Id, NotFoundError
from web.document import Responses
from web.problems import problem_at

UNAVAILABLE: Responses = {503: {"description": "The database is away; try again after `Retry-After` seconds."}}


class IdPath(BaseModel):
    """The id in the address of a resource."""

    id: Id = Field(description="The id of the resource.")


def install(app: APIFlask) -> None:
    """Answer what the services of resources raise."""
    app.register_error_handler(NotFoundError, _on_not_found)
    app.register_error_handler(ChangedError, _on_changed)
    app.register_error_handler(ForeignCursorError, _on_foreign_cursor)


def _on_not_found(error: NotFoundError) -> Response:
    return problem_at("path", "id", f"No {error.resource} has this id.", status=404, detail=str(error))


def _on_changed(error: ChangedError) -> Response:
    return problem_at("header", "If-Match", "This is no longer the version.", status=412, detail=str(error))


def _on_foreign_cursor(error: ForeignCursorError) -> Response:
    return problem_at("query", "cursor", str(error))
