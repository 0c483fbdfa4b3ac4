"""Each cell of the table of accounts in docs/security.md about MongoDB: what is allowed works, all else is refused."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from devkit import ROOT, env
from devkit.servers.private import Servers
from devkit.servers.rights import RightsQuestion
from devkit.stack import accounts
from devkit.terminal import CommandError

Client = MongoClient[dict[str, Any]]

_UNAUTHORIZED = 13
RIGHTS = RightsQuestion(sys.executable, os.environ).answer()
# A document that stands in each collection, and what each action does with it.
_STANDS = {"_id": "stands"}
ACTIONS: dict[str, Callable[[Collection[dict[str, Any]]], object]] = {
    "find": lambda collection: collection.find_one(_STANDS),
    "insert": lambda collection: collection.insert_one({}),
    "update": lambda collection: collection.update_one(_STANDS, {"$set": {"changed": True}}),
    "remove": lambda collection: collection.delete_one({"_id": "another"}),
}
# What no service may do, whatever its collections are.
REFUSED: dict[str, Callable[[Collection[dict[str, Any]]], object]] = {
    "drop a collection": lambda collection: collection.drop(),
    "make an index": lambda collection: collection.create_index("field"),
    "drop indexes": lambda collection: collection.drop_indexes(),
    "rename a collection": lambda collection: collection.rename("another"),
    "make another collection": lambda collection: collection.database.create_collection("another"),
    "drop the database": lambda collection: collection.database.command("dropDatabase"),
    "make an account": lambda collection: collection.database.command("createUser", "x", pwd="x", roles=[]),
    "read the accounts": lambda collection: collection.database.client["admin"]["system.users"].find_one(),
    "read another database": lambda collection: collection.database.client["other"]["things"].find_one(),
    "write another database": lambda collection: collection.database.client["other"]["things"].insert_one({}),
    "read the oplog": lambda collection: collection.database.client["local"]["oplog.rs"].find_one(),
    "see all operations": lambda collection: collection.database.client.admin.command({"currentOp": 1, "$all": True}),
    "stop the server": lambda collection: collection.database.client.admin.command("shutdown"),
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A MongoDB with the accounts of the product, in whose collections stands a document each."""
    with Servers(tmp_path_factory.mktemp("accounts")) as started:
        started.up("mongo")
        with client(started.environ) as operators:
            for name in {name for actions in RIGHTS.values() for name in actions}:
                operators["product"][name].insert_one(dict(_STANDS))
        yield started


def settings(environ: dict[str, str], service: str = "") -> dict[str, str]:
    known = {**env.read(ROOT / ".env"), **environ}
    return {**known, **(accounts.of(service, known) if service else {})}


def client(environ: dict[str, str], service: str = "") -> Client:
    known = settings(environ, service)
    account: dict[str, Any] = {"username": known["MONGO_USER"], "password": known["MONGO_PASSWORD"]}
    return MongoClient(port=int(known["MONGO_PORT"]), directConnection=True, timeoutMS=10_000, **account)


def is_refused(do: Callable[[], object]) -> bool:
    try:
        do()
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            raise
        return True
    return False


def allowed(collection: Collection[dict[str, Any]]) -> list[str]:
    return [action for action, do in ACTIONS.items() if not is_refused(partial(do, collection))]


@pytest.mark.parametrize("service", sorted(RIGHTS))
def test_a_service_may_do_what_the_product_declares_with_each_collection_and_nothing_else(
    servers: Servers, service: str
) -> None:
    collections = sorted({name for actions in RIGHTS.values() for name in actions} | {"undeclared"})
    with client(servers.environ, service) as own:
        found = {name: allowed(own["product"][name]) for name in collections}
    assert found == {name: [*RIGHTS[service].get(name, [])] for name in collections}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("service", sorted(RIGHTS))
def test_no_service_may(servers: Servers, service: str, what: str) -> None:
    name = next(iter(RIGHTS[service]))
    with client(servers.environ, service) as own:
        assert is_refused(partial(REFUSED[what], own["product"][name]))


def test_operators_may_use_indexes_and_drop_in_their_database_and_make_no_account(servers: Servers) -> None:
    with client(servers.environ) as operators:
        things = operators["product"]["things"]
        things.insert_one({})
        things.create_index("field")
        things.drop()
        for name in ("make an account", "read the accounts", "read another database", "read the oplog"):
            assert is_refused(partial(REFUSED[name], things)), name


def test_the_administrator_alone_makes_accounts(servers: Servers) -> None:
    account: dict[str, Any] = {"username": "admin", "password": servers.environ["MONGO_ADMIN_PASSWORD"]}
    with MongoClient[dict[str, Any]](
        port=int(servers.environ["MONGO_PORT"]), directConnection=True, **account
    ) as admin:
        assert {user["user"] for user in admin.admin.command("usersInfo")["users"]} == {
            "admin",
            "product",
            *(f"product-{service}" for service in RIGHTS),
        }


def test_code_that_cannot_tell_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise ValueError('note: a mistake')")
    environ = {**os.environ, "RIGHTS_APP": "broken", "PYTHONPATH": str(tmp_path)}
    with pytest.raises(CommandError, match="what the services may do: ValueError: note: a mistake"):
        RightsQuestion(sys.executable, environ).answer()


def test_an_answer_is_kept_as_long_as_the_code_is_the_same(tmp_path: Path) -> None:
    program, kept = tmp_path / "told.py", tmp_path / "kept.json"
    environ = {**os.environ, "RIGHTS_APP": "told", "PYTHONPATH": str(tmp_path)}
    program.write_text("print('{\"api\": {}}')")
    assert RightsQuestion(sys.executable, environ, kept).answer() == {"api": {}}
    program.write_text("raise ValueError")
    assert RightsQuestion(sys.executable, environ, kept).answer() == {"api": {}}
    kept.write_text(kept.read_text().replace('"digest": "', '"digest": "0'))
    with pytest.raises(CommandError):
        RightsQuestion(sys.executable, environ, kept).answer()
