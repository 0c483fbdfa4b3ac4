"""Notes over HTTP: nobody overwrites a change that he has not seen."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from testing.structure import structure_of

URL = "/api/v1/notes"
BODY = {"title": "Shopping", "text": "Bread"}


@pytest.fixture
def path(api: FlaskClient) -> str:
    """The address of a note in its first version."""
    return api.post(URL, json=BODY).headers["Location"]


def patch(api: FlaskClient, path: str, if_match: str | None, **body: Any) -> tuple[int, str | None]:
    """The status of a change, and the ETag that it answers."""
    response = api.patch(path, json=body, headers={} if if_match is None else {"If-Match": if_match})
    return response.status_code, response.headers.get("ETag")


def test_a_note_is_stored_with_its_address_and_version(api: FlaskClient, sample: Callable[[str], Any]) -> None:
    response = api.post(URL, json=BODY)
    note = response.get_json()
    assert (response.status_code, response.headers["ETag"], note["text"]) == (201, '"1"', "Bread")
    assert response.headers["Location"] == f"{URL}/{note['id']}"
    shown = api.get(response.headers["Location"])
    assert (shown.get_json(), shown.headers["ETag"]) == (note, '"1"')
    assert structure_of(note) == structure_of(sample("note/createNote")) == structure_of(sample("note/getNote"))


def test_a_note_is_changed_in_the_version_that_was_seen(
    api: FlaskClient, path: str, sample: Callable[[str], Any]
) -> None:
    response = api.patch(path, json={"text": "Butter"}, headers={"If-Match": '"1"'})
    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert {**BODY, "text": "Butter"}.items() <= response.get_json().items()
    assert structure_of(response.get_json()) == structure_of(sample("note/changeNote"))


@pytest.mark.parametrize("if_match", ['"2"', 'W/"1"', '"x"', "1x", '""', '"0"', '"01"', f'"{"9" * 30}"', '"2", "3"'])
def test_a_change_of_another_version_is_refused(api: FlaskClient, path: str, if_match: str) -> None:
    response = api.patch(path, json={"text": "Butter"}, headers={"If-Match": if_match})
    assert (response.status_code, response.get_json(force=True)["errors"][0]["pointer"]) == (412, "/If-Match")
    assert api.get(path).get_json()["text"] == "Bread"


@pytest.mark.parametrize("if_match", ["*", '"1"', '"7", "1"'])
def test_a_change_may_name_several_versions_or_any(api: FlaskClient, path: str, if_match: str) -> None:
    assert patch(api, path, if_match, text="Butter") == (200, '"2"')


def test_a_change_without_a_version_is_refused(api: FlaskClient, path: str) -> None:
    assert patch(api, path, None, text="Butter") == (428, None)
    assert api.get(path).get_json()["text"] == "Bread"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": None}, "/title"),
        ({"text": None}, "/text"),
        ({"text": "x" * 10_001}, "/text"),
        ({"version": 7}, "/version"),
        ({"$set": {}}, "/$set"),
        ([], ""),
    ],
)
def test_what_no_note_can_be_is_refused(offline: FlaskClient, body: Any, pointer: str) -> None:
    response = offline.patch(f"{URL}/{'0' * 24}", json=body, headers={"If-Match": "*"})
    assert response.status_code == 422
    assert response.get_json(force=True)["errors"][0]["pointer"] == pointer


def test_notes_are_listed_the_newest_first(api: FlaskClient, sample: Callable[[str], Any]) -> None:
    made = [api.post(URL, json={"title": title}).get_json() for title in "abc"]
    first = api.get(URL, query_string={"limit": 2}).get_json()
    rest = api.get(URL, query_string={"limit": 2, "cursor": first["next_cursor"]}).get_json()
    assert [*first["items"], *rest["items"]] == made[::-1]
    assert structure_of(first) == structure_of(sample("note/listNotes"))
    assert api.get(f"{URL}?cursor=abc").status_code == 422


def test_a_note_is_removed_once(api: FlaskClient, path: str) -> None:
    assert api.delete(path).status_code == 204
    for response in (api.get(path), api.delete(path), api.patch(path, json={}, headers={"If-Match": "*"})):
        assert (response.status_code, response.get_json(force=True)["detail"]) == (404, "There is no such note.")


def test_without_its_database_it_says_when_to_come_back(offline: FlaskClient) -> None:
    for response in (offline.post(URL, json=BODY), offline.get(URL), offline.get(f"{URL}/{'0' * 24}")):
        assert (response.status_code, int(response.headers["Retry-After"]) > 0) == (503, True)
