"""Documents without an owner get one, batch after batch, and those of others stay theirs."""

import pytest
from pymongo.database import Database

from admin.owners import documents
from admin.owners.documents import BATCH, count, give_all, give_field, owned_collections
from common.mongo import Document, apply_indexes
from testing.resource import RESOURCES

COUNT = 2 * BATCH + 7


@pytest.fixture
def resources(database: Database[Document]) -> Database[Document]:
    apply_indexes(database, [RESOURCES])
    stored = [{"_id": f"{number:024x}", "title": "One"} for number in range(COUNT)]
    database[RESOURCES.name].insert_many(stored)
    return database


def owners(database: Database[Document]) -> dict[str | None, int]:
    stored = [each.get("owner") for each in database[RESOURCES.name].find()]
    return {owner: stored.count(owner) for owner in stored}


def test_all_get_the_owner_in_bounded_batches(resources: Database[Document]) -> None:
    assert list(give_all(resources[RESOURCES.name], "billing")) == [BATCH, BATCH, 7]
    assert owners(resources) == {"billing": COUNT}
    assert list(give_all(resources[RESOURCES.name], "shop")) == []


def test_what_is_of_somebody_stays_theirs(resources: Database[Document]) -> None:
    resources[RESOURCES.name].update_one({"_id": f"{1:024x}"}, {"$set": {"owner": "shop"}})
    assert sum(give_all(resources[RESOURCES.name], "billing")) == COUNT - 1
    assert owners(resources) == {"shop": 1, "billing": COUNT - 1}


def test_what_gets_an_owner_meanwhile_is_not_taken_away(resources: Database[Document]) -> None:
    ids = [f"{number:024x}" for number in range(3)]
    resources[RESOURCES.name].update_one({"_id": ids[0]}, {"$set": {"owner": "shop"}})
    assert give_field(resources[RESOURCES.name], ids, "billing") == 2
    assert owners(resources) == {"shop": 1, "billing": 2, None: COUNT - 3}


def test_it_goes_on_where_it_was_interrupted(resources: Database[Document]) -> None:
    assert next(give_all(resources[RESOURCES.name], "billing")) == BATCH
    assert count(resources[RESOURCES.name]) == COUNT - BATCH
    assert sum(give_all(resources[RESOURCES.name], "billing")) == COUNT - BATCH
    assert owners(resources) == {"billing": COUNT}


def test_documents_of_any_id_are_found(database: Database[Document]) -> None:
    database[RESOURCES.name].insert_many([{"_id": 7}, {"_id": "seven"}, {"_id": {"seven": 7}}])
    assert list(give_all(database[RESOURCES.name], "billing")) == [3]


def test_collections_that_list_by_owner_are_found_by_their_declaration() -> None:
    assert documents._lists_by_owner(RESOURCES)
    assert "api_keys" not in owned_collections()
