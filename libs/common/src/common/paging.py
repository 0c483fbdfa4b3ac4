"""Listings page by page, the newest first. Cursors are signed: a client can only send back what it was given."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pymongo import DESCENDING
from pymongo.collection import Collection

from common.mongo import Document

Item = TypeVar("Item")


class ForeignCursorError(Exception):
    """The cursor was not made for this listing."""


class PageQuery(BaseModel):
    """Which part of a listing is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(20, ge=1, le=100, description="How many items one answer holds at most.")
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        None, description="The `next_cursor` of an answer to the same listing."
    )


class Page(BaseModel, Generic[Item]):
    """Some items of a listing, the newest first."""

    items: list[Item]
    next_cursor: str | None = Field(description="Ask with this `cursor` for the items that follow; null at the end.")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Name the schema of a page after its items: `ReportPage`."""
        return f"{params[0].__name__}Page"


class Pages:
    """Finds pages in collections; `secret` signs the cursors."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def find(
        self,
        collection: Collection[Document],
        query: PageQuery,
        *,
        where: Mapping[str, Any] | None = None,
        hidden: tuple[str, ...] = (),
    ) -> Page[Document]:
        """Return a page of the documents that fulfil a condition, without their hidden fields.

        Raises ForeignCursorError for a cursor of another collection, condition or secret.
        """
        wanted = dict(where or {})
        cursors = self._cursors(collection.name, wanted)
        if query.cursor is not None:
            wanted["_id"] = {"$lt": _position(cursors, query.cursor)}
        documents = collection.find(wanted, dict.fromkeys(hidden, False) or None).sort("_id", DESCENDING)
        listed = list(documents.limit(query.limit + 1))
        items = listed[: query.limit]
        has_more = len(listed) > query.limit
        return Page(items=items, next_cursor=str(cursors.dumps(items[-1]["_id"])) if has_more else None)

    def _cursors(self, collection: str, where: Document) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt=f"cursor:{collection}?{json.dumps(where, sort_keys=True)}")


def _position(cursors: URLSafeSerializer, cursor: str) -> str:
    try:
        return str(cursors.loads(cursor))
    except BadData:
        raise ForeignCursorError("This is no cursor of this listing.") from None
