"""Restore a backup: load it beside the present data, and replace them when everything is loaded."""

import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from admin.backup.archive import BackupError, Collection, Header, Reader
from admin.backup.save import RESTORING, Progress, described, is_saved
from common.config import Settings
from common.mongo import Document, application_name

UNAUTHORIZED = 13

# Called with the name of a collection and its loaded documents.
Check = Callable[[str, MongoCollection[Any]], None]


def obstacles(database: Database[Document], settings: Settings, header: Header) -> list[str]:
    """Return what an operator should know before the database is replaced, one sentence each.

    Raises BackupError when the database holds a collection that cannot be replaced.
    """
    reasons = list(_users(database, settings))
    if names := [collection.name for collection in described(database)]:
        reasons.append(f"the database {database.name} is not empty: {', '.join(names)} will be replaced or dropped.")
    if (header.project, header.database) != (settings.project, database.name):
        reasons.append(f"the backup is of the database {header.database} of {header.project}.")
    return reasons


def load(
    database: Database[Document], reader: Reader, progress: Progress, *, check: Check | None = None
) -> dict[str, int]:
    """Load a backup beside the present data; return the number of documents of each collection.

    A failure leaves the present data as they are. What a killed restore has left is removed first. `check` is called
    with the name of each collection in the backup and what was loaded of it, before its indexes are made.
    """
    try:
        _drop_loaded(database)
        for collection in restored(reader.header):
            database.command({"create": RESTORING + collection.name, **collection.options})
        validated = {collection.name for collection in restored(reader.header) if "validator" in collection.options}
        for name, documents in reader.batches():
            if not is_saved(name):
                continue
            # Documents that are older than their validator are restored too.
            beside = database[RESTORING + name]
            beside.insert_many(documents, ordered=False, bypass_document_validation=name in validated)
            progress(len(documents), sum(len(document.raw) for document in documents))
        counts = reader.counts
        for collection in restored(reader.header):
            _complete(database, collection, counts[collection.name], check)
    except BaseException:
        with suppress(PyMongoError):
            await_writes(database)
            _drop_loaded(database)
        raise
    return counts


def swap(database: Database[Document], header: Header) -> None:
    """Replace the present data with the loaded data, each collection in one step; drop those that the backup lacks.

    Only a failure in this function leaves some collections old and some new.
    """
    try:
        for collection in restored(header):
            database[RESTORING + collection.name].rename(collection.name, dropTarget=True)
        kept = {collection.name for collection in restored(header)}
        for other in described(database):
            if other.name not in kept:
                database.drop_collection(other.name)
    except PyMongoError as error:
        raise BackupError(f"some collections are replaced and some are not; repeat it. ({error})") from error


def restored(header: Header) -> list[Collection]:
    """Return the collections of a backup that are restored."""
    return [collection for collection in header.collections if is_saved(collection.name)]


def _users(database: Database[Document], settings: Settings) -> list[str]:
    """Return one sentence when processes of this product are connected; they gave their names to MongoDB."""
    own = database.client.options.pool_options.appname
    name = f"^{re.escape(application_name(settings))}( |$)"
    match = {"appName": {"$regex": name, "$ne": own}}
    hosts = Counter(str(operation.get("client", "?")).rpartition(":")[0] for operation in connections(database, match))
    if not hosts:
        return []
    where = ", ".join(f"{count} connections from {host}" for host, count in sorted(hosts.items()))
    return [f"the product runs on it ({where}); stop it, or it works on while its data are replaced."]


def connections(database: Database[Document], match: Document) -> list[Document]:
    """Return what MongoDB tells of the connections that match, those that rest included. Raises PyMongoError.

    An account of one database sees its own connections only, and the product's are made with the same account.
    """
    try:
        return _operations(database, match, all_users=True)
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise
        return _operations(database, match, all_users=False)


def _operations(database: Database[Document], match: Document, *, all_users: bool) -> list[Document]:
    listed = {"$currentOp": {"allUsers": all_users, "idleConnections": True}}
    return list(database.client.admin.aggregate([listed, {"$match": match}]))


def _complete(database: Database[Document], collection: Collection, count: int, check: Check | None) -> None:
    name = RESTORING + collection.name
    loaded = database[name].count_documents({})
    if loaded != count:
        raise BackupError(
            f"not restored: {name} holds {loaded} documents instead of {count}; does another restore run?"
        )
    if check:
        check(collection.name, database[name])
    # Last, for that is faster, and an index that lets documents expire has none to delete before they were counted.
    if collection.indexes:
        database.command({"createIndexes": name, "indexes": collection.indexes})


def await_writes(database: Database[Document]) -> None:
    """Wait, at most ten seconds, until the server has ended what was interrupted here.

    It goes on with an insert whose client is gone, and an insert makes its collection again.
    """
    names = f"^{re.escape(database.name)}\\.{re.escape(RESTORING)}"
    match = {"active": True, "ns": {"$regex": names}}
    deadline = time.monotonic() + 10
    while _operations(database, match, all_users=False) and time.monotonic() < deadline:
        time.sleep(0.05)


def _drop_loaded(database: Database[Document]) -> None:
    for name in database.list_collection_names(filter={"name": {"$regex": f"^{re.escape(RESTORING)}"}}):
        database.drop_collection(name)
