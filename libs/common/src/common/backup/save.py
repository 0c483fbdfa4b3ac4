"""From the database into a backup, all of it as it was at one moment."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from common.backup.archive import BackupError, Collection, Header, Writer
from common.config import Settings
from common.mongo import Document

# Told after each batch: how many documents, and how many bytes.
Progress = Callable[[int, int], None]

# What a restore loads into before it swaps. Such a collection is never a part of a backup.
RESTORING = "restoring."

_SNAPSHOT_UNAVAILABLE = 246
_SNAPSHOT_TOO_OLD = 239
_CHANGED = "not made: collections or indexes were changed meanwhile; repeat it when that is over."


def save(database: Database[Any], settings: Settings, stream: IO[bytes], progress: Progress) -> dict[str, int]:
    """Writes a backup; answers the number of documents of each collection.

    All collections are read at one time of the cluster, while others go on writing. Raises BackupError when that
    cannot be done, and PyMongoError.
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


def described(database: Database[Any]) -> list[Collection]:
    """The collections of a database by their names. Raises BackupError for one that cannot be read at one moment."""
    found = sorted(database.list_collections(), key=lambda each: str(each["name"]))
    own = [each for each in found if not each["name"].startswith(("system.", RESTORING))]
    for each in own:
        if each["type"] != "collection" or each["options"].get("capped"):
            kind = "capped" if each["type"] == "collection" else f"a {each['type']}"
            raise BackupError(f"{each['name']} is {kind}, which cannot be read at one moment; use mongodump here.")
    return [Collection(name=each["name"], options=each["options"], indexes=_indexes(database, each)) for each in own]


def _indexes(database: Database[Any], collection: Mapping[str, Any]) -> list[Document]:
    listed = [dict(index) for index in database[collection["name"]].list_indexes()]
    # MongoDB makes the one on _id by itself, and names the collation only where it is not the plain one.
    plain = {"collation": {"locale": "simple"}} if "collation" in collection["options"] else {}
    return [{**plain, **index} for index in listed if index["name"] != "_id_" and not index.get("clustered")]


@contextmanager
def _snapshot_failures() -> Iterator[None]:
    try:
        yield
    except OperationFailure as error:
        if error.code == _SNAPSHOT_TOO_OLD:
            raise BackupError(
                "not made: it took longer than MongoDB keeps a moment of the past. Raise its parameter "
                "minSnapshotHistoryWindowInSeconds, which is 300 by default, and repeat."
            ) from error
        if error.code == _SNAPSHOT_UNAVAILABLE:
            raise BackupError(_CHANGED) from error
        raise
