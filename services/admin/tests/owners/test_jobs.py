"""A job that gets an owner takes the key of its request along: sent again, it makes no second job."""

import pytest
from pymongo.database import Database

from admin.owners.collections.jobs import give
from common.mongo import Document, insert_missing
from jobs.accept import accept
from jobs.keys import COLLECTION, UniqueKey
from jobs.model import JobKind, new_job
from jobs.store import JobStore
from testing.documents import stored

KIND = JobKind("test.work", "things")
BEFORE = UniqueKey("test", "k", digest="one")
AFTER = UniqueKey("test", "k", digest="one", owner="billing")


@pytest.fixture
def store(database: Database[Document]) -> JobStore:
    return JobStore(database[KIND.collection])


def post(store: JobStore, job_id: str, key: UniqueKey | None = BEFORE) -> tuple[str, bool]:
    owner = {"owner": key.owner} if key is not None and key.owner else {}
    document, is_new = accept(store, {"_id": job_id, **owner, "job": new_job(KIND, request_id="r")}, {}, key=key)
    return document["_id"], is_new


def key_ids(database: Database[Document]) -> list[Document]:
    return [key["_id"] for key in database[COLLECTION].find()]


def test_a_repeated_request_is_answered_with_its_job(store: JobStore, database: Database[Document]) -> None:
    assert post(store, "one") == ("one", True)
    assert give(database[KIND.collection], ["one"], "billing") == 1
    assert post(store, "two", AFTER) == ("one", False)
    assert stored(database[KIND.collection], "one")["owner"] == "billing"
    assert key_ids(database) == [AFTER.id]


def test_the_key_goes_with_its_job(store: JobStore, database: Database[Document]) -> None:
    post(store, "one")
    give(database[KIND.collection], ["one"], "billing")
    store.cancel("one")
    assert store.remove("one")
    assert key_ids(database) == []


def test_a_job_without_a_key_gets_none(store: JobStore, database: Database[Document]) -> None:
    post(store, "one", key=None)
    assert give(database[KIND.collection], ["one"], "billing") == 1
    assert (stored(database[KIND.collection], "one")["owner"], key_ids(database)) == ("billing", [])
    assert "key" not in stored(database[KIND.collection], "one")


def test_a_key_that_the_owner_has_used_stays_that_of_its_job(store: JobStore, database: Database[Document]) -> None:
    post(store, "one")
    assert post(store, "two", AFTER) == ("two", True)
    assert give(database[KIND.collection], ["one", "two"], "billing") == 1
    assert post(store, "three", AFTER) == ("two", False)
    store.cancel("one")
    assert store.remove("one")
    assert post(store, "four", AFTER) == ("two", False)


def test_what_was_interrupted_between_its_steps_is_done_again(store: JobStore, database: Database[Document]) -> None:
    post(store, "one")
    (key,) = database[COLLECTION].find()
    insert_missing(database[COLLECTION], [{**key, "_id": AFTER.id}])
    assert give(database[KIND.collection], ["one"], "billing") == 1
    assert post(store, "two", AFTER) == ("one", False)
    assert key_ids(database) == [AFTER.id]


def test_a_job_that_works_meanwhile_ends_as_it_would(store: JobStore, database: Database[Document]) -> None:
    post(store, "one")
    held = store.claim("one", name=KIND.name, owner="worker1")
    assert held is not None
    give(database[KIND.collection], ["one"], "billing")
    assert store.finish(held, {"result": 7})
    document = stored(database[KIND.collection], "one")
    assert (document["owner"], document["result"], document["job"]["state"]) == ("billing", 7, "done")
