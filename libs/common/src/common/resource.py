"""What all resources have in common: their ids, and what may be wrong with a request for one."""

from datetime import UTC, datetime
from typing import Annotated

from bson import ObjectId
from pydantic import Field

Id = Annotated[str, Field(pattern="^[0-9a-f]{24}$")]


class NotFoundError(Exception):
    """There is no resource of this id; `resource` is the name of its feature."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        super().__init__(f"There is no such {_words(resource)}.")


class ChangedError(Exception):
    """The resource is no longer in the version that the request is for."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        super().__init__(f"The {_words(resource)} was changed since.")


def _words(feature: str) -> str:
    return feature.replace("_", " ")


def new_id() -> str:
    """Return a new id; ids grow with time, so the newest resource has the greatest one."""
    return str(ObjectId())


def now() -> datetime:
    """Return the time as MongoDB keeps it, in milliseconds: what is answered now equals what is read later."""
    exact = datetime.now(UTC)
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)
