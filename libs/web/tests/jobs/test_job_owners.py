"""Jobs of several owners: each sees, repeats, cancels and retries their own."""

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from flask import g, request
from flask.testing import FlaskClient
from pymongo.database import Database

from common.clients import Clients
from common.config import Settings
from common.mongo import Document, apply_indexes
from jobs.declared import all_collections
from testing.checked_client import checked
from testing.example import EXAMPLE
from testing.waiting import eventually

URL = "/api/v1/examples"
BODY = {"title": "Response times", "values": [3.5, 1, 4, 1, 5]}

Client = Callable[[str], FlaskClient]


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    """Settings that allow each owner three pending examples."""
    return Settings.load({**environ, "JOB_MAX_PENDING_PER_OWNER": "3"}, env_files=())


@pytest.fixture
def of(settings: Settings, clients: Clients, make: Callable[..., APIFlask], database: Database[Document]) -> Client:
    """Makes clients of an API that believes a header who sends it."""
    apply_indexes(database, all_collections([EXAMPLE]))
    app = checked(make(settings, clients))

    @app.before_request
    def _() -> None:
        g.owner = request.headers["X-Owner"]

    def client(owner: str) -> FlaskClient:
        made = app.test_client()
        made.environ_base["HTTP_X_OWNER"] = owner
        return made

    return client


def test_a_job_of_another_owner_is_not_there(of: Client) -> None:
    made = of("billing").post(URL, json=BODY).get_json()
    other, address = of("shop"), f"{URL}/{made['id']}"
    for response in (other.get(address), other.delete(address), other.post(f"{address}/retry")):
        assert response.status_code == 404
        assert response.get_json(force=True)["detail"] == "There is no such example."
    assert of("billing").get(address).get_json() == made
    assert of("billing").delete(address).status_code == 204
    assert of("billing").get(address).get_json()["status"] == "cancelled"


def test_a_listing_holds_what_is_ones_own(of: Client) -> None:
    made: list[Any] = [of(owner).post(URL, json=BODY).get_json() for owner in ("billing", "shop", "billing")]
    for query in ({}, {"status": "pending"}):
        assert of("billing").get(URL, query_string=query).get_json()["items"] == [made[2], made[0]]
        assert of("shop").get(URL, query_string=query).get_json()["items"] == [made[1]]
    cursor = of("billing").get(URL, query_string={"limit": 1}).get_json()["next_cursor"]
    assert of("shop").get(URL, query_string={"limit": 1, "cursor": cursor}).status_code == 422


def test_two_owners_may_use_one_key(of: Client) -> None:
    key = {"Idempotency-Key": "first"}
    mine, other = (of(owner).post(URL, json=BODY, headers=key).get_json() for owner in ("billing", "shop"))
    assert mine["id"] != other["id"]
    assert of("billing").post(URL, json=BODY, headers=key).get_json() == mine
    assert of("shop").post(URL, json=BODY | {"title": "Other"}, headers=key).status_code == 422


def test_an_owner_takes_a_share_of_the_places_and_the_others_are_accepted(of: Client) -> None:
    """The share is known about a second late."""
    key = {"Idempotency-Key": "first"}
    first = of("billing").post(URL, json=BODY, headers=key)
    refused = eventually(
        lambda: answer if (answer := of("billing").post(URL, json=BODY)).status_code == 429 else None,
    )
    assert int(refused.headers["Retry-After"]) > 0
    assert "3 jobs of yours wait already" in refused.get_json(force=True)["detail"]
    assert of("shop").post(URL, json=BODY).status_code == 202
    assert of("billing").post(URL, json=BODY, headers=key).get_json() == first.get_json()
    of("billing").delete(first.headers["Location"])
    for made in of("billing").get(URL).get_json()["items"]:
        of("billing").delete(f"{URL}/{made['id']}")
    eventually(lambda: of("billing").post(URL, json=BODY).status_code == 202)
