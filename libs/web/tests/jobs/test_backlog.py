"""What a client is told when too much work waits."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from common.config import Settings
from common.mongo import Document, apply_indexes
from jobs.declared import all_collections
from testing.example import EXAMPLE
from testing.waiting import eventually

URL = "/api/v1/examples"
BODY = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    """Settings that allow two pending examples."""
    return Settings.load({**environ, "JOB_MAX_PENDING": "2"}, env_files=())


@pytest.fixture
def full(api: FlaskClient, database: Database[Document]) -> list[dict[str, Any]]:
    """The examples that fill the backlog, each with its key."""
    apply_indexes(database, all_collections([EXAMPLE]))
    made = [api.post(URL, json=BODY, headers={"Idempotency-Key": f"key-{number}"}) for number in range(2)]
    assert {each.status_code for each in made} == {202}
    return [each.get_json() for each in made]


def refused(api: FlaskClient, **headers: str) -> Any:
    """The answer to an example that is not accepted; the backlog is known about a second late."""
    return eventually(lambda: answer if (answer := api.post(URL, json=BODY)).status_code == 429 else None)


def test_a_job_too_many_is_refused_with_the_time_to_come_back(
    api: FlaskClient, full: list[dict[str, Any]], database: Database[Document]
) -> None:
    answer = refused(api)
    assert int(answer.headers["Retry-After"]) > 0
    assert "2 jobs wait already" in answer.get_json(force=True)["detail"]
    before = database["examples"].count_documents({})
    assert api.post(URL, json=BODY, headers={"Idempotency-Key": "new"}).status_code == 429
    assert database["examples"].count_documents({}) == before


def test_what_was_accepted_before_is_answered_as_before(api: FlaskClient, full: list[dict[str, Any]]) -> None:
    refused(api)
    for number, example in enumerate(full):
        again = api.post(URL, json=BODY, headers={"Idempotency-Key": f"key-{number}"})
        assert (again.status_code, again.get_json()) == (202, example)
    other = api.post(URL, json=BODY | {"title": "Another"}, headers={"Idempotency-Key": "key-0"})
    assert other.status_code == 422


def test_a_key_without_its_job_was_no_promise(
    api: FlaskClient, full: list[dict[str, Any]], database: Database[Document]
) -> None:
    """As where a process died between the two."""
    refused(api)
    database["examples"].insert_many([{"_id": letter * 24, "job": {"state": "pending"}} for letter in "ef"])
    database["examples"].delete_one({"_id": full[0]["id"]})
    assert api.post(URL, json=BODY, headers={"Idempotency-Key": "key-0"}).status_code == 429
    database["examples"].delete_many({})

    def made() -> Any:
        answer = api.post(URL, json=BODY, headers={"Idempotency-Key": "key-0"})
        return answer.get_json() if answer.status_code == 202 else None

    assert eventually(made)["id"] == full[0]["id"], "whoever finds a key without its job makes it"


def test_reading_goes_on_and_so_does_accepting_when_there_is_room_again(
    api: FlaskClient, full: list[dict[str, Any]], database: Database[Document]
) -> None:
    refused(api)
    assert api.get(URL).status_code == 200
    database["examples"].update_many({}, {"$set": {"job.state": "done"}})
    eventually(lambda: api.post(URL, json=BODY).status_code == 202)
