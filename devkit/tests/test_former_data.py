"""After a rename nothing is silently left behind: start-up tells of the former data, and what it names moves them."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from .conftest import Servers

OLD, NEW = "q-before", "q-after"


def client(servers: Servers, name: str) -> MongoClient[dict[str, Any]]:
    """Return a client as operators have it under a name: with the account of this name."""
    port, password = servers.environ["MONGO_PORT"], servers.environ["MONGO_PASSWORD"]
    return MongoClient(f"mongodb://{name}:{password}@127.0.0.1:{port}/?replicaSet=rs0&authSource=admin")


def up(servers: Servers, name: str) -> str:
    """Start MongoDB under a name, and return what is said."""
    done = servers.run("up", "--only", "mongo", PROJECT=name, MONGO_USER="")
    assert done.returncode == 0, done.stderr
    return done.stderr


def typed(servers: Servers, line: str, folder: Path) -> None:
    """Type a command as start-up names it, in a folder of its own, where the settings are those of the new name."""
    words = shlex.split(line)
    own = dict(word.split("=", 1) for word in words if "=" in word)
    command = [word for word in words if "=" not in word]
    assert command[0] == "invoke"
    data = ["--data", str(servers.data), "--only", "mongo"] if command[1] == "db-up" else []
    environ = {**servers.environ, "PROJECT": NEW, "MONGO_USER": "", **own}
    done = subprocess.run(
        [sys.executable, "-m", "devkit", *command[1:], *data], cwd=folder, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.integration
def test_the_data_of_a_former_name_are_told_of_until_the_commands_that_are_named_have_moved_them(
    servers: Servers, tmp_path: Path
) -> None:
    assert "note:" not in up(servers, OLD)
    with client(servers, OLD) as before:
        before[OLD]["things"].insert_one({"_id": "kept"})
        before[OLD]["processes"].insert_one({"_id": "a process"})

    assert f"the database {NEW} lacks what {OLD} holds" in up(servers, NEW)
    with client(servers, NEW) as after:
        # What a stack does by itself makes no difference.
        after[NEW]["processes"].insert_one({"_id": "another process"})
    said = up(servers, NEW)
    assert f"the database {NEW} lacks what {OLD} holds" in said
    (tmp_path / "backups").mkdir()
    commands = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    for command in commands:
        typed(servers, command, tmp_path)
    with client(servers, NEW) as after:
        assert [each["_id"] for each in after[NEW]["things"].find()] == ["kept"]
        assert [each["_id"] for each in after[OLD]["things"].find()] == ["kept"]
    assert "note:" not in up(servers, NEW)


@pytest.mark.integration
def test_a_database_that_somebody_has_chosen_and_one_of_more_data_are_not_told_of(servers: Servers) -> None:
    up(servers, OLD)
    servers.rows("up", "--only", "mongo", PROJECT=OLD, MONGO_USER="", MONGO_DATABASE="trial")
    with client(servers, OLD) as before:
        before["trial"]["things"].insert_one({})
        before[OLD]["things"].insert_one({})
        before[OLD]["others"].insert_one({})
    assert "note:" not in up(servers, OLD)
    assert "note:" not in servers.run("up", "--only", "mongo", PROJECT=OLD, MONGO_USER="", MONGO_DATABASE="new").stderr
