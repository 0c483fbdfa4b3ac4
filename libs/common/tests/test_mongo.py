import pytest
from pymongo import ASCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from common.clients import Clients
from common.config import Settings
from common.mongo import CollectionSpec, Document, apply_indexes, connect, index_drift
from testing.servers import unused_ports

NAME = IndexModel([("name", ASCENDING)], name="by_name", unique=True)
DECLARED = [CollectionSpec("things", [NAME])]


def test_applying_twice_changes_nothing_and_leaves_no_drift(database: Database[Document]) -> None:
    assert index_drift(database, DECLARED) == ["things.by_name is missing"]
    assert apply_indexes(database, DECLARED) == ["things.by_name"]
    assert apply_indexes(database, DECLARED) == ["things.by_name"]
    assert index_drift(database, DECLARED) == []


def test_an_index_that_nobody_declared_is_told_and_not_dropped(database: Database[Document]) -> None:
    apply_indexes(database, DECLARED)
    database["things"].create_index("other", name="by_other")
    apply_indexes(database, DECLARED)
    assert index_drift(database, DECLARED) == ["things.by_other is not declared"]


def test_an_index_that_differs_is_told_and_never_replaced(database: Database[Document]) -> None:
    database["things"].create_index("name", name="by_name")
    assert index_drift(database, DECLARED) == ["things.by_name differs from its declaration"]
    with pytest.raises(OperationFailure):
        apply_indexes(database, DECLARED)
    assert "unique" not in database["things"].index_information()["by_name"]


def test_writes_wait_for_the_journal_of_a_majority(clients: Clients) -> None:
    concern = clients.database.write_concern
    assert (concern.document["w"], concern.document["j"]) == ("majority", True)
    assert clients.database.client.options.retry_writes is True


def test_the_database_runs_no_javascript(database: Database[Document]) -> None:
    database["things"].insert_one({"name": "a"})
    function = {"$function": {"body": "function() { return true }", "args": [], "lang": "js"}}
    for query in ({"$where": "true"}, {"$expr": function}):
        with pytest.raises(OperationFailure, match=r"(?i)javascript|scripting|globalScriptEngine"):
            list(database["things"].find(query))


def test_the_server_ends_a_statement_that_takes_longer_than_the_limit(clients: Clients) -> None:
    """The profiler of MongoDB writes down what came with a statement."""
    clients.database.command("profile", 2)
    clients.database["things"].find_one({"name": "a"})
    (seen,) = clients.database["system.profile"].find({"command.find": "things"})
    assert 0 < seen["command"]["maxTimeMS"] <= clients.settings.mongo_timeout * 1000


def test_a_server_that_is_away_costs_no_longer_than_the_time_limit() -> None:
    settings = Settings(mongo_port=unused_ports(1)[0], mongo_timeout=0.2)
    with connect(settings) as client, pytest.raises(PyMongoError):
        client.admin.command("ping")
