"""Save the database in a backup, as it is at one moment."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from admin.backup.archive import BackupError, Collection, Header, Writer
from common import backup_record
from common.config import Settings
from common.mongo import Document

# Called after each batch with the number of documents and of bytes.
Progress = Callable[[int, int], None]

# The prefix of collections that a restore loads into. They are never part of a backup.
RESTORING = "restoring."
_NOT_SAVED = ("system.", RESTORING, backup_record.COLLECTION)

_SNAPSHOT_UNAVAILABLE = 246
_SNAPSHOT_TOO_OLD = 239
_CHANGED = "not made: collections or indexes were changed meanwhile; repeat it when that is over."


def save(database: Database[Any], settings: Settings, stream: IO[bytes], progress: Progress) -> dict[str, int]:
    """Write a backup; return the number of documents of each collection.

    All collections are read at one cluster time, while others go on writing. Raises BackupError when that is not
    possible, and PyMongoError.
    """
    collections = described(database)
    header = Header(
        project=settings.project,
        database=database.name,
        version=settings.version,
        created=datetime.now(UTC),
        collections=collections,
    )
    writer = Writer(stream, header)
    with _snapshot_failures(), database.client.start_session(snapshot=True) as session:
        for collection in collections:
            for batch in database[collection.name].find_raw_batches(session=session):
                # An empty collection has one empty batch.
                if batch:
                    progress(writer.add(collection.name, batch), len(batch))
    if described(database) != collections:
        raise BackupError(_CHANGED)
    return writer.finish()


def is_saved(name: str) -> bool:
    """Return whether a collection is part of backups; a restore leaves out what only a former version saved."""
    return not name.startswith(_NOT_SAVED)


def described(database: Database[Any]) -> list[Collection]:
    """Return the collections of a database by name. Raises BackupError for one that cannot be read at one moment."""
    listed = sorted(database.list_collections(), key=lambda info: str(info["name"]))
    own = [info for info in listed if is_saved(info["name"])]
    for info in own:
        if info["type"] != "collection" or info["options"].get("capped"):
            kind = "capped" if info["type"] == "collection" else f"a {info['type']}"
            raise BackupError(f"{info['name']} is {kind}, which cannot be read at one moment; use mongodump for it.")
    return [Collection(name=info["name"], options=info["options"], indexes=_indexes(database, info)) for info in own]


def _indexes(database: Database[Any], collection: Mapping[str, Any]) -> list[Document]:
    listed = [dict(index) for index in database[collection["name"]].list_indexes()]
    # MongoDB makes the index on _id itself, and lists a collation only when it is not the default.
    plain = {"collation": {"locale": "simple"}} if "collation" in collection["options"] else {}
    return [{**plain, **index} for index in listed if index["name"] != "_id_" and not index.get("clustered")]


@contextmanager
def _snapshot_failures() -> Iterator[None]:
    try:
        yield
    except OperationFailure as error:
        if error.code == _SNAPSHOT_TOO_OLD:
            raise BackupError(
                "not made: it took longer than MongoDB keeps a snapshot. Raise its parameter "
                "minSnapshotHistoryWindowInSeconds, which is 300 by default, and repeat."
            ) from error
        if error.code == _SNAPSHOT_UNAVAILABLE:
            raise BackupError(_CHANGED) from error
        raise
