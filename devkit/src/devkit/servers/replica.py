"""`python -m devkit.servers.replica`: make a fresh mongod on this machine usable, or find that it already is.

Initiates the replica set of one node, waits until it is writable, makes the project's account, and prints
`{"version": "6.0.5"}`. Reads MONGO_PORT, MONGO_USER and MONGO_PASSWORD. Repeating it changes nothing.
"""

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

_AUTHENTICATION_FAILED = 18
_UNAUTHORIZED = 13
_POLL = 0.02

Client = MongoClient[dict[str, Any]]


class ReplicaError(Exception):
    """The server cannot be made usable; the message tells why."""


def prepare(*, port: int, user: str, password: str, timeout: float = 30) -> str:
    """Make the mongod at the port of this machine a writable replica set with this account; return its version."""
    deadline = time.monotonic() + timeout
    _wait_for_port(port, deadline)
    with _connect(port) as anonymous, _connect(port, username=user, password=password) as client:
        _initiate(anonymous, client, f"127.0.0.1:{port}")
        _wait_writable(anonymous, deadline)
        _ensure_account(anonymous, client, user, password)
        version: str = client.admin.command("buildInfo")["version"]
        return version


def _connect(port: int, *, username: str | None = None, password: str | None = None) -> Client:
    return MongoClient(
        "127.0.0.1",
        port,
        # Before it is initiated no replica set could be discovered.
        directConnection=True,
        serverSelectionTimeoutMS=5000,
        retryReads=False,
        username=username,
        password=password,
    )


def _wait_for_port(port: int, deadline: float) -> None:
    # The driver pauses for half a second after a refused connection; a plain socket can ask more often.
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        _pause(deadline, f"nothing listens on port {port}")


def _initiate(anonymous: Client, client: Client, address: str) -> None:
    hello = anonymous.admin.command("hello")
    if "setName" in hello:
        return
    try:
        # Allowed without an account from this machine, as long as there is no account at all.
        anonymous.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": address}]})
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            raise
        _readdress(client, address)


def _readdress(client: Client, address: str) -> None:
    """Give the only member its new port: a node that does not find itself in its replica set serves nobody."""
    config = client.admin.command("replSetGetConfig")["config"]
    config["members"][0]["host"] = address
    config["version"] += 1
    client.admin.command("replSetReconfig", config, force=True)


def _wait_writable(anonymous: Client, deadline: float) -> None:
    while not anonymous.admin.command("hello")["isWritablePrimary"]:
        _pause(deadline, "the replica set has no writable primary")


def _ensure_account(anonymous: Client, client: Client, user: str, password: str) -> None:
    try:
        # Root, for in development and tests this account also makes and drops databases, indexes and backups.
        # Production runs on an account of its own that may read and write one database.
        anonymous.admin.command("createUser", user, pwd=password, roles=["root"])
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            raise
        _check_account(client, user)


def _check_account(client: Client, user: str) -> None:
    try:
        client.admin.command("ping")
    except OperationFailure as error:
        if error.code == _AUTHENTICATION_FAILED:
            raise ReplicaError(f"MONGO_USER {user} with this MONGO_PASSWORD has no access to these data") from error
        raise


def _pause(deadline: float, problem: str) -> None:
    if time.monotonic() > deadline:
        raise ReplicaError(problem)
    time.sleep(_POLL)


def main(environ: Mapping[str, str]) -> int:
    """Prepare the server that the environment describes."""
    try:
        version = prepare(
            port=int(environ["MONGO_PORT"]),
            user=environ["MONGO_USER"],
            password=environ["MONGO_PASSWORD"],
        )
    except (ReplicaError, PyMongoError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"version": version}))
    return 0


if __name__ == "__main__":
    exit_code = main(os.environ)
    sys.stdout.flush()
    # The driver's monitoring threads take half a second to end, and every start of the server would wait for them.
    os._exit(exit_code)
