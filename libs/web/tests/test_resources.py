"""What every resource has, by the feature that only tests use."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from libs.web.tests.refusals import NO_IDS, QUERIES, only_error

URL = "/api/v1/resources"
BODY = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}


def create(api: FlaskClient, **fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = api.post(URL, json=BODY | fields).get_json()
    return body


def test_it_is_stored_with_its_address(api: FlaskClient) -> None:
    response = api.post(URL, json=BODY)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{URL}/{response.get_json()['id']}"
    assert api.get(response.headers["Location"]).get_json() == response.get_json()


def test_a_listing_leads_through_all_the_newest_first(api: FlaskClient) -> None:
    made = [create(api, title=f"{number}")["id"] for number in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    sizes = []
    while True:
        page = api.get(URL, query_string=query).get_json()
        assert page.keys() == {"items", "next_cursor"}
        sizes.append(len(page["items"]))
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == made[::-1]
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize(
    ("query", "pointer"),
    QUERIES,
)
def test_a_listing_refuses_parameters_that_make_no_sense(offline: FlaskClient, query: str, pointer: str) -> None:
    assert only_error(offline.get(f"{URL}?{query}")) == (422, "query", pointer)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "resource_id",
    NO_IDS,
)
def test_what_is_no_id_leads_nowhere(offline: FlaskClient, method: str, resource_id: str) -> None:
    response = offline.open(f"{URL}/{resource_id}", method=method)
    assert only_error(response) == (404, "path", "/id")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_of_nothing_leads_nowhere(api: FlaskClient, method: str) -> None:
    response = api.open(f"{URL}/{'0' * 24}", method=method)
    assert only_error(response) == (404, "path", "/id")


def test_what_is_removed_is_gone(api: FlaskClient) -> None:
    path = f"{URL}/{create(api)['id']}"
    response = api.delete(path)
    assert (response.status_code, response.data, "Content-Type" in response.headers) == (204, b"", False)
    assert (api.get(path).status_code, api.delete(path).status_code) == (404, 404)


def test_without_its_database_it_says_when_to_come_back(offline: FlaskClient) -> None:
    for response in (offline.post(URL, json=BODY), offline.get(URL), offline.get(f"{URL}/{'0' * 24}")):
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
