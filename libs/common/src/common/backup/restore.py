"""From a backup back into the database: loaded beside the present data, which is replaced when all of it is there."""

import re
from collections import Counter
from contextlib import suppress

from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from common.backup.archive import BackupError, Collection, Header, Reader
from common.backup.save import RESTORING, Progress, described
from common.config import Settings
from common.mongo import Document, application_name

_UNAUTHORIZED = 13


def obstacles(database: Database[Document], settings: Settings, header: Header) -> list[str]:
    """What a person should know before the database is replaced, one sentence each.

    Raises BackupError where the database holds what cannot be replaced.
    """
    found = list(_users(database, settings))
    if names := [collection.name for collection in described(database)]:
        found.append(f"the database {database.name} is not empty: {', '.join(names)} will be replaced or dropped.")
    if (header.project, header.database) != (settings.project, database.name):
        found.append(f"the backup is of the database {header.database} of {header.project}.")
    return found


def load(database: Database[Document], reader: Reader, progress: Progress) -> dict[str, int]:
    """Loads a backup beside the present data; answers the number of documents of each collection.

    Whatever goes wrong leaves the present data as they are. What a killed one has left is removed first.
    """
    try:
        _drop_loaded(database)
        for collection in reader.header.collections:
            database.command({"create": RESTORING + collection.name, **collection.options})
        validated = {each.name for each in reader.header.collections if "validator" in each.options}
        for name, documents in reader.batches():
            # What was stored before a validator was declared is restored too.
            beside = database[RESTORING + name]
            beside.insert_many(documents, ordered=False, bypass_document_validation=name in validated)
            progress(len(documents), sum(len(document.raw) for document in documents))
        counts = reader.counts
        for collection in reader.header.collections:
            _complete(database, collection, counts[collection.name])
    except BaseException:
        with suppress(PyMongoError):
            _drop_loaded(database)
        raise
    return counts


def swap(database: Database[Document], header: Header) -> None:
    """Puts what was loaded in the place of the present data; each collection in one step, what is not in it dropped.

    Only a failure right here leaves some collections old and some new.
    """
    try:
        for collection in header.collections:
            database[RESTORING + collection.name].rename(collection.name, dropTarget=True)
        restored = {collection.name for collection in header.collections}
        for other in described(database):
            if other.name not in restored:
                database.drop_collection(other.name)
    except PyMongoError as error:
        raise BackupError(f"some collections are replaced and some are not; repeat it. ({error})") from error


def _users(database: Database[Document], settings: Settings) -> list[str]:
    """One sentence when programs of this product are connected, by the names that they have given MongoDB."""
    own = database.client.options.pool_options.appname
    name = f"^{re.escape(application_name(settings))}( |$)"
    match = {"$match": {"appName": {"$regex": name, "$ne": own}}}
    try:
        found = _operations(database, match, all_users=True)
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            raise
        # An account of one database sees its own connections only, and the product's are made with the same account.
        found = _operations(database, match, all_users=False)
    hosts = Counter(str(each.get("client", "?")).rpartition(":")[0] for each in found)
    if not hosts:
        return []
    where = ", ".join(f"{count} connections from {host}" for host, count in sorted(hosts.items()))
    return [f"the product runs on it ({where}); stop it, or it works on while its data are replaced."]


def _operations(database: Database[Document], match: Document, *, all_users: bool) -> list[Document]:
    listed = {"$currentOp": {"allUsers": all_users, "idleConnections": True}}
    return list(database.client.admin.aggregate([listed, match]))


def _complete(database: Database[Document], collection: Collection, count: int) -> None:
    name = RESTORING + collection.name
    found = database[name].count_documents({})
    if found != count:
        raise BackupError(f"not restored: {name} holds {found} documents instead of {count}; does another restore run?")
    # Last, for that is faster, and an index that lets documents expire has none to delete before they were counted.
    if collection.indexes:
        database.command({"createIndexes": name, "indexes": collection.indexes})


def _drop_loaded(database: Database[Document]) -> None:
    for name in database.list_collection_names(filter={"name": {"$regex": f"^{re.escape(RESTORING)}"}}):
        database.drop_collection(name)
