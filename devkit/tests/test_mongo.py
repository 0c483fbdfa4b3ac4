"""The native MongoDB: its replica set, its accounts, its recovery, and what keeps its data from a wrong password."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from devkit.servers import state

from .conftest import Servers, run_in
from .started import Spawn

Client = MongoClient[dict[str, Any]]


def connect(servers: Servers, **environ: str) -> Client:
    settings = servers.environ | environ
    password, port = settings["MONGO_PASSWORD"], settings["MONGO_PORT"]
    return MongoClient(
        f"mongodb://product:{password}@127.0.0.1:{port}/?replicaSet=rs0&authSource=admin", timeoutMS=10_000
    )


def administrator(servers: Servers) -> Client:
    account: dict[str, Any] = {"username": "admin", "password": servers.environ["MONGO_ADMIN_PASSWORD"]}
    return MongoClient(port=int(servers.environ["MONGO_PORT"]), directConnection=True, timeoutMS=10_000, **account)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """A stopped server whose data hold one document; to be copied, not started."""
    servers = Servers(tmp_path_factory.mktemp("mongo") / "data")
    servers.environ["MONGO_USER"] = "product"
    servers.rows("up", "--only", "mongo")
    try:
        with administrator(servers) as client:
            client["test_tools"]["kept"].insert_one({"_id": "kept"})
    finally:
        servers.rows("down", "--only", "mongo")
    return servers


@pytest.fixture
def copied(stopped: Servers, servers: Servers) -> Servers:
    shutil.copytree(stopped.data, servers.data)
    servers.environ.update({key: stopped.environ[key] for key in ("MONGO_ADMIN_PASSWORD", "MONGO_USER")})
    return servers


def test_a_killed_mongod_recovers_and_serves_its_data_also_on_another_port(copied: Servers) -> None:
    first = copied.rows("up", "--only", "mongo")["mongo"]
    with administrator(copied) as client:
        hello = client.admin.command("hello")
        assert hello["isWritablePrimary"]
        assert hello["hosts"] == [f"127.0.0.1:{copied.environ['MONGO_PORT']}"]
        client["test_tools"]["kept"].insert_one({"_id": "before the crash"})
    copied.kill("mongo")
    second = copied.rows("up", "--only", "mongo")["mongo"]
    assert second["state"] == "started"
    assert second["pid"] != first["pid"]
    with administrator(copied) as client:
        assert sorted(each["_id"] for each in client["test_tools"]["kept"].find()) == ["before the crash", "kept"]


def test_data_made_with_another_administrator_are_refused_before_the_server_starts(copied: Servers) -> None:
    done = copied.run("up", "--only", "mongo", MONGO_ADMIN_PASSWORD="another-password")
    assert done.returncode == 1
    assert "MONGO_ADMIN_PASSWORD" in done.stderr
    assert "invoke db-reset" in done.stderr
    assert "starting" not in done.stderr


def test_another_password_of_an_account_is_set_also_while_the_server_runs(copied: Servers) -> None:
    copied.rows("up", "--only", "mongo")
    former = copied.environ["MONGO_PASSWORD"]
    copied.environ["MONGO_PASSWORD"] = "another-password"
    assert copied.rows("up", "--only", "mongo")["mongo"]["state"] == "already up"
    with connect(copied) as client:
        assert client["product"]["kept"].find_one() is None
    with connect(copied, MONGO_PASSWORD=former) as client, pytest.raises(OperationFailure):
        client["product"]["kept"].find_one()


def test_data_of_an_earlier_version_whose_account_was_the_administrator_are_brought_up_to_date(copied: Servers) -> None:
    copied.rows("up", "--only", "mongo")
    account = {"user": "product", "roles": [{"role": "root", "db": "admin"}]}
    with administrator(copied) as client:
        client.admin.command("updateUser", account["user"], roles=account["roles"])
    with connect(copied) as client:
        client.admin.command("dropUser", "admin")
    copied.rows("down", "--only", "mongo")
    credentials = f"product\n{copied.environ['MONGO_PASSWORD']}"
    state.remember_origin(copied.data / "mongo", "product", credentials, "6.0.5")
    assert copied.rows("up", "--only", "mongo")["mongo"]["state"] == "started"
    with administrator(copied) as client:
        assert client["test_tools"]["kept"].count_documents({}) == 1
        assert client.admin.command("usersInfo", "product-api")["users"]
    with connect(copied) as client, pytest.raises(OperationFailure, match="not authorized"):
        client.admin.command("usersInfo")


def test_no_binary_anywhere_is_one_line_that_tells_what_brings_one(clone: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare" / "bin" / "python"
    bare.parent.mkdir(parents=True)
    bare.symlink_to(os.path.realpath(sys.executable))
    # In a copy, for the repository's own `.venv` carries one.
    code = (
        "from devkit.servers.mongo import Mongo; from devkit.servers.server import Context; from pathlib import Path; "
    )
    code += f"Mongo(Context(Path(), {{'MONGO_PORT': '1', 'PATH': ''}}, {str(bare)!r})).binary()"
    done = run_in(clone, "-c", code)
    assert done.returncode == 1
    assert "mongod was not found" in done.stderr
    # The command before has found that `.venv` is what the locks say, so a plain `invoke install` would do nothing.
    assert "`invoke install --force` brings one" in done.stderr


def test_an_interrupted_start_leaves_no_server_behind(servers: Servers, spawn: Spawn) -> None:
    starting = spawn(
        servers.command("up", "--only", "mongo"),
        cwd=Path(__file__).parents[2],
        env=servers.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert starting.stderr is not None
    assert "starting mongo" in starting.stderr.readline()
    starting.terminate()
    _, errors = starting.communicate(timeout=60)
    assert starting.returncode == 130
    assert "Traceback" not in errors
    assert not (servers.data / "mongo" / "state.json").exists()
