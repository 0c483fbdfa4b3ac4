"""A feature that only tests use, a plain resource, so that tests of the plumbing need none of the product's.

Its routes are in the tests of the API.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, FailFast, Field, FiniteFloat
from pymongo.database import Database

from common.feature import Feature
from common.fields import Title
from common.mongo import CollectionSpec, Document
from common.owner import Owner, owned, owner_index
from common.paging import Page, PageQuery, Pages
from common.resource import Id, NotFoundError, new_id, now

RESOURCES = CollectionSpec("resources", [owner_index()])
RESOURCE = Feature("resource", collections=[RESOURCES])


class ResourceCreate(BaseModel):
    """What is sent to have a resource stored."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    title: Title
    values: Annotated[list[FiniteFloat], FailFast()] = Field(min_length=1, max_length=100_000)


class Resource(BaseModel):
    """A resource as it is answered."""

    id: Id
    title: str
    created_at: datetime


def create(database: Database[Document], request: ResourceCreate, *, owner: Owner) -> Resource:
    """Store a resource."""
    document = {"_id": new_id(), **owned(owner), **request.model_dump(), "created_at": now()}
    database[RESOURCES.name].insert_one(document)
    return _resource_of(document)


def get(database: Database[Document], resource_id: str, *, owner: Owner) -> Resource:
    """Return one resource. Raises NotFoundError."""
    document = database[RESOURCES.name].find_one({"_id": resource_id, **owned(owner)})
    if document is None:
        raise NotFoundError("resource")
    return _resource_of(document)


def page(database: Database[Document], pages: Pages, query: PageQuery, *, owner: Owner) -> Page[Resource]:
    """Return a page of resources, the newest first. Raises ForeignCursorError."""
    found = pages.find(database[RESOURCES.name], query, where=owned(owner), hidden=("values",))
    return Page[Resource](items=[_resource_of(document) for document in found.items], next_cursor=found.next_cursor)


def delete(database: Database[Document], resource_id: str, *, owner: Owner) -> None:
    """Remove a resource. Raises NotFoundError."""
    if not database[RESOURCES.name].delete_one({"_id": resource_id, **owned(owner)}).deleted_count:
        raise NotFoundError("resource")


def _resource_of(document: Document) -> Resource:
    return Resource(id=document["_id"], title=document["title"], created_at=document["created_at"])
