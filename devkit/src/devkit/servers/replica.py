"""A mongod of this machine becomes a replica set of one node with an administrator.

The driver's asynchronous client is used, for the threads of the other one take half a second to end, and every command
would wait for them.
"""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from common import backup_record
from devkit import ports
from devkit.terminal import CommandError

_AUTHENTICATION_FAILED = 18
_UNAUTHORIZED = 13
_EXISTS = 51003
# Databases of MongoDB's own.
_OWN = {"admin", "config", "local"}
# Milliseconds for finding a mongod of this machine: on a busy one, and to say that it does not answer.
_PATIENT, _BRIEF = 5000, 1000

# What the driver is told of encryption.
Tls = Mapping[str, Any]
Client = AsyncMongoClient[dict[str, Any]]
Answer = TypeVar("Answer")


def settled(
    port: int, user: str, password: str, *, former: tuple[str, str] | None = None, tls: Tls | None = None
) -> str | None:
    """Take the next step towards a writable replica set with this administrator; return the version once it is there.

    `former` are name and password of the administrator that the data have instead; it makes the new one, and stays.
    Raises CommandError when the data are of another one. A server that does not answer yet is no error.
    """
    try:
        return _answer(port, _settle(port, user, password, former, tls))
    except OperationFailure as error:
        raise CommandError(f"mongo: {error}") from error


def ask(
    port: int,
    user: str,
    password: str,
    question: Callable[[Client], Coroutine[Any, Any, None]],
    *,
    tls: Tls | None = None,
) -> None:
    """Ask a mongod here by an account. Raises CommandError when it refuses."""
    try:
        _answer(port, _asked(port, user, password, question, tls))
    except OperationFailure as error:
        raise CommandError(f"mongo: {error}") from error


def accepts_writes(port: int, *, tls: Tls | None = None) -> bool:
    """Return whether the mongod at a port of this machine answers and accepts writes."""
    return bool(_answer(port, _is_writable(port, tls)))


def collections(port: int, user: str, password: str, *, tls: Tls | None = None) -> dict[str, set[str]]:
    """Return the collections that hold documents, by their databases, as an account sees them in a mongod here."""
    try:
        return _answer(port, _collections(port, user, password, tls)) or {}
    except OperationFailure:
        # It is asked to tell something of help, and an account that may not see it can work all the same.
        return {}


def load_certificate(port: int, user: str, password: str, *, tls: Tls) -> None:
    """Let a mongod read the files of its certificate again. Raises CommandError when it does not."""
    try:
        done = _answer(port, _rotate(port, user, password, tls))
    except OperationFailure as error:
        raise CommandError(f"mongo: {error}") from error
    if not done:
        raise CommandError("mongo does not answer: see `invoke db-status`.")


def _answer(port: int, question: Coroutine[Any, Any, Answer]) -> Answer | None:
    """Return what a mongod answers; None when it does not. Raises OperationFailure when it refuses."""
    # The driver pauses for half a second after a refused connection.
    if not ports.is_open(port):
        question.close()
        return None
    try:
        return asyncio.run(question)
    except OperationFailure:
        raise
    except PyMongoError:
        pass
    # Not while the error is handled, for its traceback holds what has to be collected.
    _collect_sockets()
    return None


def _collect_sockets() -> None:
    """Close what the driver was connecting when it gave up; it leaves that to the garbage collector, which warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def _asked(
    port: int, user: str, password: str, question: Callable[[Client], Coroutine[Any, Any, None]], tls: Tls | None
) -> None:
    async with _connect(port, tls, username=user, password=password) as client:
        await question(client)


async def _settle(port: int, user: str, password: str, former: tuple[str, str] | None, tls: Tls | None) -> str | None:
    address = f"127.0.0.1:{port}"
    async with _connect(port, tls) as anonymous:
        hello = await anonymous.admin.command("hello")
        member = "setName" in hello
        if (not member and await _initiate(anonymous, address)) or (member and not hello["isWritablePrimary"]):
            return None
        if member:
            await _create_account(anonymous, user, password)
    # Opened only when it is used: a client that is closed while it connects leaves its socket to the garbage collector.
    name, secret = former or (user, password)
    async with _connect(port, tls, username=name, password=secret) as client:
        if not member:
            await _readdress(client, address)
            return None
        if not former:
            return await _version(client, user)
        await _create_account(client, user, password)
    return await _settle(port, user, password, None, tls)


async def _collections(port: int, user: str, password: str, tls: Tls | None) -> dict[str, set[str]]:
    async with _connect(port, tls, username=user, password=password) as client:
        names = [name for name in await client.list_database_names() if name not in _OWN]
        return {name: {collection async for collection in _filled(client[name])} for name in names}


async def _filled(database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[str]:
    for name in await database.list_collection_names():
        # MongoDB's own, which not every account may read, and what no backup takes along.
        if not name.startswith(("system.", backup_record.COLLECTION)) and await database[name].find_one({}, {"_id": 1}):
            yield name


async def _is_writable(port: int, tls: Tls | None) -> bool:
    async with _connect(port, tls, timeout=_BRIEF) as anonymous:
        hello = await anonymous.admin.command("hello")
        return bool(hello["isWritablePrimary"])


async def _rotate(port: int, user: str, password: str, tls: Tls) -> bool:
    async with _connect(port, tls, username=user, password=password) as client:
        await client.admin.command("rotateCertificates")
        return True


def _connect(
    port: int,
    tls: Tls | None,
    *,
    username: str | None = None,
    password: str | None = None,
    timeout: int = _PATIENT,
) -> Client:
    return AsyncMongoClient(
        "127.0.0.1",
        port,
        # Before it is initiated no replica set could be discovered.
        directConnection=True,
        # A second connection, for round-trip times, could still be opening when the client is closed.
        serverMonitoringMode="poll",
        serverSelectionTimeoutMS=timeout,
        connectTimeoutMS=timeout,
        retryReads=False,
        username=username,
        password=password,
        **(tls or {}),
    )


async def _initiate(anonymous: Client, address: str) -> bool:
    """Make a replica set of one node; return False where there was one, under another address."""
    try:
        # Allowed without an account from this machine, as long as there is no account at all.
        await anonymous.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": address}]})
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            raise
        return False
    return True


async def _readdress(client: Client, address: str) -> None:
    """Give the only member its new port: a node that does not find itself in its replica set serves nothing."""
    config = (await client.admin.command("replSetGetConfig"))["config"]
    config["members"][0]["host"] = address
    config["version"] += 1
    await client.admin.command("replSetReconfig", config, force=True)


async def _create_account(client: Client, user: str, password: str) -> None:
    try:
        # MongoDB's administrator, which makes the accounts that the product works by.
        await client.admin.command("createUser", user, pwd=password, roles=["root"])
    except OperationFailure as error:
        # Once there is an account, it is not allowed any more without it.
        if error.code not in (_UNAUTHORIZED, _EXISTS):
            raise


async def _version(client: Client, user: str) -> str:
    """Return the server's version. Raises CommandError where the account has no access."""
    try:
        version: str = (await client.admin.command("buildInfo"))["version"]
    except OperationFailure as error:
        if error.code == _AUTHENTICATION_FAILED:
            raise CommandError(
                f"mongo: these data have no account {user} with this MONGO_ADMIN_PASSWORD: restore it in "
                ".env.local, or delete the data with `invoke db-reset --only mongo`."
            ) from error
        raise
    return version
