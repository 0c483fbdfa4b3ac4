"""What the routes of all resources share whose work is a job: addresses, headers, and the answers of their services.

Each answer stands beside its text in the OpenAPI document.
"""

from typing import Annotated, Protocol, TypeVar

from apiflask import APIFlask
from flask import Response, url_for
from pydantic import BaseModel, Field, StringConstraints

from jobs.backlog import BacklogFullError
from jobs.keys import KeyConflictError
from jobs.service import WrongStateError
from web.document import Responses
from web.problems import problem, problem_at

# Seconds until a backlog is worth another try: it is counted each second, and has to shrink first.
BACKLOG_RETRY_AFTER = 5

FULL: Responses = {
    429: {
        "description": "`JOB_MAX_PENDING` jobs wait already, or `JOB_MAX_PENDING_PER_OWNER` of the caller's; try again "
        "after `Retry-After` seconds. Nothing was accepted. What was accepted before under the same key is answered "
        "all the same.",
        "headers": {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer"}}},
    }
}
NOT_FAILED: Responses = {409: {"description": "The job has not failed."}}

# Visible ASCII, so that a key is the same text for every client, proxy and log.
IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]*$")]


class IdempotencyHeaders(BaseModel):
    """The headers of a request that accepts a job."""

    idempotency_key: IdempotencyKey | None = Field(
        None, description="Kept for 24 hours: repeating a request with the same key makes nothing twice."
    )


class Resource(Protocol):
    """A resource with an address."""

    @property
    def id(self) -> str:
        """Its id."""


Made = TypeVar("Made", bound=Resource)


def acceptance(resource: str) -> Responses:
    """Return the OpenAPI text of `accepted`."""
    return {
        202: {
            "description": f"The {resource} is accepted, and its work will be done whatever happens. The same key and "
            f"body answer the {resource} that was made first.",
            "headers": {"Location": {"description": f"Where the {resource} is.", "schema": {"type": "string"}}},
        }
    }


def accepted(resource: Made, endpoint: str) -> tuple[Made, int, dict[str, str]]:
    """Answer that a resource was accepted, with its address; `endpoint` is the one that shows it."""
    return resource, 202, {"Location": url_for(endpoint, id=resource.id)}


def install(app: APIFlask) -> None:
    """Answer what the services of such resources raise."""
    app.register_error_handler(WrongStateError, _on_wrong_state)
    app.register_error_handler(KeyConflictError, _on_key_conflict)
    app.register_error_handler(BacklogFullError, _on_full_backlog)


def _on_wrong_state(error: WrongStateError) -> Response:
    return problem(409, str(error))


def _on_key_conflict(_: KeyConflictError) -> Response:
    return problem_at("header", "Idempotency-Key", "The key was used with another body in the last 24 hours.")


def _on_full_backlog(error: BacklogFullError) -> Response:
    return problem(429, str(error), headers={"Retry-After": str(BACKLOG_RETRY_AFTER)})
