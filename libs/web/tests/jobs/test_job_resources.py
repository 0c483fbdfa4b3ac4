"""What every resource has that a job computes, by the feature that only tests use."""

import re
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient
from libs.web.tests.refusals import NO_IDS, QUERIES, only_error
from pymongo.database import Database

from common.mongo import Document, apply_indexes
from jobs.declared import all_collections
from jobs.runner import run_job
from jobs.store import JobStore
from testing.example import EXAMPLE, WORK, work_on

URL = "/api/v1/examples"
BODY = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture
def _indexes(database: Database[Document]) -> None:
    """As in a product that is set up."""
    apply_indexes(database, all_collections([EXAMPLE]))


def create(api: FlaskClient, **fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = api.post(URL, json=BODY | fields).get_json()
    return body


def test_a_job_is_accepted_with_its_address(api: FlaskClient) -> None:
    response = api.post(URL, json=BODY)
    example = response.get_json()
    assert response.status_code == 202
    assert response.headers["Location"] == f"{URL}/{example['id']}"
    assert api.get(response.headers["Location"]).get_json() == example


def test_a_new_example_has_these_fields_and_no_others(api: FlaskClient) -> None:
    example = create(api)
    assert re.fullmatch("[0-9a-f]{24}", example.pop("id"))
    assert TIME.fullmatch(example.pop("created_at"))
    assert TIME.fullmatch(example.pop("updated_at"))
    assert example == {
        "title": "Response times",
        "status": "pending",
        "progress": 0.0,
        "attempts": 0,
        "error": None,
        "result": None,
    }


def test_a_finished_job_shows_its_result(api: FlaskClient, database: Database[Document]) -> None:
    job_id = create(api)["id"]
    work_on(database, job_id)
    example = api.get(f"{URL}/{job_id}").get_json()
    assert (example["status"], example["progress"], example["attempts"]) == ("done", 1.0, 1)
    assert example["result"] == 2.9


def test_the_request_id_is_kept_with_the_job(api: FlaskClient, database: Database[Document]) -> None:
    api.post(URL, json=BODY, headers={"X-Request-ID": "follow-me"})
    document = database["examples"].find_one()
    assert document is not None
    assert document["job"]["request_id"] == "follow-me"


@pytest.mark.usefixtures("_indexes")
def test_the_same_key_and_body_answer_the_same_job(api: FlaskClient, database: Database[Document]) -> None:
    headers = {"Idempotency-Key": "key-1"}
    first, second = (api.post(URL, json=BODY, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.get_json() == second.get_json()
    assert first.headers["Location"] == second.headers["Location"]
    assert database["examples"].count_documents({}) == 1


@pytest.mark.usefixtures("_indexes")
def test_the_same_key_and_another_body_are_refused(api: FlaskClient, database: Database[Document]) -> None:
    headers = {"Idempotency-Key": "key-1"}
    api.post(URL, json=BODY, headers=headers)
    response = api.post(URL, json=BODY | {"title": "Another"}, headers=headers)
    assert only_error(response) == (422, "header", "/Idempotency-Key")
    assert database["examples"].count_documents({}) == 1


@pytest.mark.parametrize("key", ["!", "~", "x" * 255, '"quoted"', "$where", "a.b"])
def test_any_visible_ascii_is_a_key(api: FlaskClient, key: str) -> None:
    assert api.post(URL, json=BODY, headers={"Idempotency-Key": key}).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb", "é", "\x7f", "x" * 10_000])
def test_any_other_key_is_refused(offline: FlaskClient, key: str) -> None:
    response = offline.post(URL, json=BODY, headers={"Idempotency-Key": key})
    assert only_error(response) == (422, "header", "/Idempotency-Key")


def test_a_listing_leads_through_all_jobs_the_newest_first(api: FlaskClient) -> None:
    made = [create(api, title=f"{number}")["id"] for number in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    sizes = []
    while True:
        page = api.get(URL, query_string=query).get_json()
        assert page.keys() == {"items", "next_cursor"}
        sizes.append(len(page["items"]))
        seen += [example["id"] for example in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == made[::-1]
    assert sizes == [2, 2, 1]


def test_a_page_that_is_just_full_is_the_last_one(api: FlaskClient) -> None:
    create(api)
    assert api.get(URL, query_string={"limit": 1}).get_json()["next_cursor"] is None


def test_an_empty_listing_is_empty(api: FlaskClient) -> None:
    assert api.get(URL).get_json() == {"items": [], "next_cursor": None}


def test_jobs_that_arrive_meanwhile_do_not_disturb_a_listing(api: FlaskClient) -> None:
    made = [create(api)["id"] for _ in range(3)]
    first = api.get(URL, query_string={"limit": 2}).get_json()
    create(api)
    rest = api.get(URL, query_string={"limit": 2, "cursor": first["next_cursor"]}).get_json()
    assert [example["id"] for example in rest["items"]] == made[:1]


def test_a_listing_is_filtered_by_status(api: FlaskClient, database: Database[Document]) -> None:
    done, pending = create(api)["id"], create(api)["id"]
    work_on(database, done)
    for status, expected in (("done", [done]), ("pending", [pending]), ("failed", [])):
        items = api.get(URL, query_string={"status": status}).get_json()["items"]
        assert [example["id"] for example in items] == expected


def test_a_cursor_serves_only_the_filter_it_was_made_for(api: FlaskClient) -> None:
    for _ in range(2):
        create(api)
    cursor = api.get(URL, query_string={"limit": 1, "status": "pending"}).get_json()["next_cursor"]
    assert api.get(URL, query_string={"cursor": cursor, "status": "pending"}).status_code == 200
    for query in ({"cursor": cursor}, {"cursor": cursor, "status": "done"}):
        assert only_error(api.get(URL, query_string=query)) == (422, "query", "/cursor")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        *QUERIES,
        ("status=", "/status"),
        ("status=DONE", "/status"),
        ("status=done,failed", "/status"),
        ("status[$ne]=done", "/status[$ne]"),
    ],
)
def test_a_listing_refuses_parameters_that_make_no_sense(offline: FlaskClient, query: str, pointer: str) -> None:
    assert only_error(offline.get(f"{URL}?{query}")) == (422, "query", pointer)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "job_id",
    NO_IDS,
)
def test_what_is_no_id_leads_nowhere(offline: FlaskClient, method: str, job_id: str) -> None:
    response = offline.open(f"{URL}/{job_id}", method=method)
    assert only_error(response) == (404, "path", "/id")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_of_no_job_leads_nowhere(api: FlaskClient, method: str) -> None:
    response = api.open(f"{URL}/{'0' * 24}", method=method)
    assert only_error(response) == (404, "path", "/id")


def test_deleting_what_has_not_finished_cancels_it(api: FlaskClient) -> None:
    job_id = create(api)["id"]
    response = api.delete(f"{URL}/{job_id}")
    assert (response.status_code, response.data, "Content-Type" in response.headers) == (204, b"", False)
    assert api.get(f"{URL}/{job_id}").get_json()["status"] == "cancelled"


def test_deleting_what_has_finished_removes_it(api: FlaskClient, database: Database[Document]) -> None:
    job_id = create(api)["id"]
    work_on(database, job_id)
    assert api.delete(f"{URL}/{job_id}").status_code == 204
    assert api.get(f"{URL}/{job_id}").status_code == 404
    assert api.delete(f"{URL}/{job_id}").status_code == 404


def test_a_key_is_free_again_when_its_job_is_removed(api: FlaskClient, database: Database[Document]) -> None:
    headers, other = {"Idempotency-Key": "k"}, {"title": "Another", "values": [1]}
    first = api.post(URL, json=other, headers=headers).get_json()["id"]
    assert api.delete(f"{URL}/{first}").status_code == 204
    assert api.post(URL, json=other, headers=headers).get_json()["status"] == "cancelled"
    assert api.delete(f"{URL}/{first}").status_code == 204
    second = api.post(URL, json={**other, "title": "Yet another"}, headers=headers)
    assert second.status_code == 202
    assert second.get_json()["id"] != first


def test_two_requests_with_one_key_make_one_job_in_a_database_without_indexes(
    api: FlaskClient, database: Database[Document]
) -> None:
    for collection in database.list_collection_names():
        database[collection].drop_indexes()
    answers = [api.post(URL, json={"title": "t", "values": [1]}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].get_json() == answers[1].get_json()
    assert database["examples"].count_documents({}) == 1


def test_a_failed_job_is_tried_again(api: FlaskClient, database: Database[Document]) -> None:
    job_id = create(api)["id"]
    store = JobStore(database[WORK.collection])
    held = store.claim(job_id, name=WORK.name, owner="test")
    assert held is not None
    store.fail(held, "it broke")
    response = api.post(f"{URL}/{job_id}/retry")
    example = response.get_json()
    assert (response.status_code, example["status"], example["attempts"], example["error"]) == (
        202,
        "pending",
        1,
        "it broke",
    )
    assert api.get(f"{URL}/{job_id}").get_json() == example
    work_on(database, job_id)
    example = api.get(f"{URL}/{job_id}").get_json()
    assert (example["status"], example["attempts"], example["error"]) == ("done", 2, None)


def test_what_an_unexpected_error_says_is_not_told_to_clients(api: FlaskClient, database: Database[Document]) -> None:
    job_id = create(api)["id"]

    def work(*_: object) -> NoReturn:
        raise RuntimeError("mongodb://somebody@127.0.0.1:27017 is away")

    run_job(JobStore(database[WORK.collection]), WORK, job_id, work, owner="test")
    answers = [api.get(URL), api.get(f"{URL}/{job_id}")]
    assert [answer for answer in answers if "27017" in answer.text or "RuntimeError" in answer.text] == []
    stored = database[WORK.collection].find_one({"_id": job_id})
    assert stored is not None
    assert answers[1].get_json()["error"] == f"it failed unexpectedly, in request {stored['job']['request_id']}"


def test_a_job_that_has_not_failed_is_not_tried_again(api: FlaskClient, database: Database[Document]) -> None:
    job_id = create(api)["id"]
    response = api.post(f"{URL}/{job_id}/retry")
    assert (response.status_code, "is pending" in response.get_json(force=True)["detail"]) == (409, True)
    assert only_error(api.post(f"{URL}/{'0' * 24}/retry")) == (404, "path", "/id")
    assert only_error(api.post(f"{URL}/x/retry")) == (404, "path", "/id")


def test_without_its_database_it_says_when_to_come_back(offline: FlaskClient) -> None:
    for response in (offline.post(URL, json=BODY), offline.get(URL), offline.get(f"{URL}/{'0' * 24}")):
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
