from collections.abc import Iterable

import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from common.mongo import Document
from common.paging import ForeignCursorError, PageQuery, Pages

PAGES = Pages("secret")


@pytest.fixture
def things(database: Database[Document]) -> Collection[Document]:
    """Five things, of which those with an odd number are red."""
    database["things"].insert_many({"_id": f"{number}", "red": number % 2 == 1, "large": "x"} for number in range(5))
    return database["things"]


def ids(documents: Iterable[Document]) -> list[str]:
    return [document["_id"] for document in documents]


def test_pages_lead_through_a_listing_the_newest_first(things: Collection[Document]) -> None:
    query, seen, sizes = PageQuery(limit=2), list[str](), list[int]()
    while True:
        page = PAGES.find(things, query)
        seen += ids(page.items)
        sizes.append(len(page.items))
        if page.next_cursor is None:
            break
        query = PageQuery(limit=2, cursor=page.next_cursor)
    assert (seen, sizes) == (["4", "3", "2", "1", "0"], [2, 2, 1])


def test_a_page_that_is_just_full_is_the_last_one(things: Collection[Document]) -> None:
    assert PAGES.find(things, PageQuery(limit=5)).next_cursor is None


def test_a_page_holds_what_is_wanted_without_what_is_hidden(things: Collection[Document]) -> None:
    page = PAGES.find(things, PageQuery(), where={"red": True}, hidden=("large",))
    assert page.items == [{"_id": "3", "red": True}, {"_id": "1", "red": True}]


def test_a_cursor_serves_the_listing_it_was_made_for(things: Collection[Document]) -> None:
    cursor = PAGES.find(things, PageQuery(limit=1), where={"red": True}).next_cursor
    rest = PAGES.find(things, PageQuery(cursor=cursor), where={"red": True})
    assert ids(rest.items) == ["1"]


def test_a_cursor_of_another_listing_or_secret_or_none_at_all_is_refused(
    things: Collection[Document], database: Database[Document]
) -> None:
    database["others"].insert_many({"_id": f"{number}"} for number in range(2))
    own, query = PAGES.find(things, PageQuery(limit=1)).next_cursor, PageQuery(limit=1)
    foreign = [
        PAGES.find(things, query, where={"red": False}).next_cursor,
        PAGES.find(database["others"], query).next_cursor,
        Pages("another").find(things, query).next_cursor,
        str(own)[:-1],
        f"X{own}",
        "",
        ".",
        "é",
        "4",
    ]
    for cursor in foreign:
        assert cursor is not None
        with pytest.raises(ForeignCursorError):
            PAGES.find(things, PageQuery(cursor=cursor))
