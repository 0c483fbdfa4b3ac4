"""A note's life over HTTP: a plain resource, which no change overwrites unseen."""

import uuid
from typing import Any

import pytest

from .conftest import Stack

pytestmark = pytest.mark.e2e

URL = "/api/v1/notes"


@pytest.fixture
def address(stack: Stack) -> str:
    """The address of a new note."""
    answer = stack.http.post(URL, json={"title": "Shopping", "text": "Bread"})
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    return str(answer.headers["Location"])


def test_a_note_is_changed_in_the_version_that_was_seen(stack: Stack, address: str) -> None:
    seen = stack.http.get(address)
    changed = stack.http.patch(address, json={"text": "Butter"}, headers={"If-Match": seen.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    shown = stack.http.get(address)
    assert (shown.headers["ETag"], shown.json()) == ('"2"', changed.json())
    assert (shown.json()["title"], shown.json()["text"]) == ("Shopping", "Butter")


@pytest.mark.parametrize(("headers", "status"), [({"If-Match": '"2"'}, 412), ({}, 428)], ids=["another", "none"])
def test_a_change_of_another_version_or_of_none_changes_nothing(
    stack: Stack, address: str, headers: dict[str, str], status: int
) -> None:
    refused = stack.http.patch(address, json={"text": "Butter"}, headers=headers)
    assert (refused.status_code, refused.headers["Content-Type"]) == (status, "application/problem+json")
    assert refused.json()["request_id"] == refused.headers["X-Request-ID"]
    assert (stack.http.get(address).json()["text"], stack.http.get(address).headers["ETag"]) == ("Bread", '"1"')


def test_notes_are_listed_page_by_page_the_newest_first(stack: Stack) -> None:
    posted = [stack.http.post(URL, json={"title": str(uuid.uuid4())}).json()["id"] for _ in range(5)]
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while query.get("cursor", "the first page"):
        page = stack.http.get(URL, params=query).raise_for_status().json()
        assert len(page["items"]) <= 2
        found += [note["id"] for note in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert len(found) == len(set(found))
    assert [note for note in found if note in posted] == posted[::-1]


def test_a_deleted_note_is_gone(stack: Stack, address: str) -> None:
    assert stack.http.delete(address).status_code == 204
    for answer in (stack.http.get(address), stack.http.delete(address)):
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
