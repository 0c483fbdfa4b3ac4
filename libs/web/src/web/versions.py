"""Optimistic locking: a client changes a resource only in the version that it has seen (RFC 9110, 13.1.1)."""

import re
from typing import Protocol, TypeVar

from flask import url_for
from pydantic import BaseModel, Field
from werkzeug.exceptions import PreconditionRequired
from werkzeug.http import parse_etags

from web.document import Responses

_VERSION = re.compile(r"[1-9][0-9]{0,17}")
_ETAG = {"description": "The version; send it as `If-Match` to change this one.", "schema": {"type": "string"}}

SHOWN: Responses = {200: {"description": "The resource, as it is now.", "headers": {"ETag": _ETAG}}}
CREATED: Responses = {
    201: {
        "description": "The resource is stored.",
        "headers": {"ETag": _ETAG, "Location": {"description": "Where it is.", "schema": {"type": "string"}}},
    }
}
CHANGED: Responses = {
    412: {"description": "The resource was changed since. Read it again, and decide anew."},
    428: {"description": "`If-Match` is missing: name the version that the change is for."},
}


class Versioned(Protocol):
    """A resource that counts its changes."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> int:
        """The number of its version."""


Resource = TypeVar("Resource", bound=Versioned)


class IfMatchHeaders(BaseModel):
    """The headers of a request that changes a resource."""

    if_match: str | None = Field(None, description="The `ETag` of the version that the change is for, or `*` for any.")


def wanted_versions(headers: IfMatchHeaders) -> list[int] | None:
    """Return the versions that a change is for; None is any. Raises PreconditionRequired when nothing is said."""
    if headers.if_match is None:
        raise PreconditionRequired("Send If-Match with the ETag of the version that the change is for.")
    tags = parse_etags(headers.if_match)
    # A weak tag matches nothing here, and neither does what was never an ETag of ours.
    return None if tags.star_tag else [int(tag) for tag in tags.as_set() if tag and _VERSION.fullmatch(tag)]


def shown(resource: Resource) -> tuple[Resource, int, dict[str, str]]:
    """Answer a resource with its ETag."""
    return resource, 200, _etag(resource)


def created(resource: Resource, endpoint: str) -> tuple[Resource, int, dict[str, str]]:
    """Answer that a resource was stored, with its address; `endpoint` is the one that shows it."""
    return resource, 201, {**_etag(resource), "Location": url_for(endpoint, id=resource.id)}


def _etag(resource: Versioned) -> dict[str, str]:
    return {"ETag": f'"{resource.version}"'}
