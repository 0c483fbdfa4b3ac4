"""Rehearse a restore: load a backup into a database of its own, compare it with what the backup says, and drop it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure

from admin.backup.archive import BackupError, Content, Reader, differences, documents_of
from admin.backup.restore import UNAUTHORIZED, await_writes, connections, load, restored, swap
from admin.backup.save import Progress, described
from admin.signals import signals_ignored
from common import backup_record
from common.mongo import Document

_SUFFIX = "_rehearsal"
# MongoDB refuses longer names of databases.
_LONGEST = 63
# The document that says whose the database is; the collection is never part of a backup, so no restore replaces it.
_OWNER = "rehearsal"


def rehearse(database: Database[Document], reader: Reader, progress: Progress) -> list[str]:
    """Restore a backup into another database of the same server; return what differs from what the backup says.

    However it ends, that database is dropped. Raises BackupError when the database exists and is not of a rehearsal,
    or when another rehearsal runs, and PyMongoError.
    """
    found: dict[str, Content] = {}

    def check(name: str, loaded: MongoCollection[Any]) -> None:
        found[name] = _content(loaded, progress)

    with _own_database(database) as trial:
        load(trial, reader, progress, check=check)
        swap(trial, reader.header)
        checksums = {name: content.checksum for name, content in reader.contents.items()}
        wrong = differences(found, reader.counts, checksums)
        made = {collection.name: collection for collection in described(trial)}
        return wrong + [
            f"{collection.name} has other options or indexes"
            for collection in restored(reader.header)
            if made.get(collection.name) != collection
        ]


def trial_name(database: str) -> str:
    """Return the name of the database of rehearsals. Raises BackupError when it is too long for MongoDB."""
    name = database + _SUFFIX
    if len(name) > _LONGEST:
        raise BackupError(f"the database of a rehearsal, {name}, has a name of more than {_LONGEST} characters.")
    return name


def _content(loaded: MongoCollection[Any], progress: Progress) -> Content:
    content = Content()
    for batch in loaded.find_raw_batches():
        if batch:
            progress(content.add(documents_of(batch)), len(batch))
    return content


@contextmanager
def _own_database(database: Database[Document]) -> Iterator[Database[Document]]:
    """Within the block there is a database for the rehearsal, empty but for its owner's name."""
    trial = database.client[trial_name(database.name)]
    try:
        _take(trial)
    except OperationFailure as error:
        if error.code != UNAUTHORIZED:
            raise
        raise BackupError(
            f"the account may not use the database {trial.name}; grant it the roles readWrite and dbAdmin there, "
            "as docs/backups.md shows."
        ) from error
    try:
        yield trial
    finally:
        with signals_ignored():
            await_writes(trial)
            _drop(trial)


def _take(trial: Database[Document]) -> None:
    """Make the database one of this rehearsal; drop what a killed one has left. Raises BackupError."""
    own = trial.client.options.pool_options.appname
    owners = trial[backup_record.COLLECTION]
    former = owners.find_one({"_id": _OWNER})
    if former is None and (names := trial.list_collection_names()):
        raise BackupError(
            f"the database {trial.name} exists and is not of a rehearsal: it holds {', '.join(sorted(names))}. "
            "Rename or drop it first."
        )
    if former is not None:
        if connections(trial, {"appName": former["connection"]}):
            raise BackupError("another rehearsal runs; repeat it when that is over.")
        owners.delete_one(former)
    try:
        owners.insert_one({"_id": _OWNER, "connection": own})
    except DuplicateKeyError as error:
        raise BackupError("another rehearsal runs; repeat it when that is over.") from error
    _drop(trial, keep=backup_record.COLLECTION)


def _drop(trial: Database[Document], *, keep: str = "") -> None:
    """Drop the collections, for which a right to write is enough; with the last one MongoDB drops the database.

    The owner's is the last: what is killed here is still known as a rehearsal's.
    """
    names = set(trial.list_collection_names()) - {backup_record.COLLECTION, keep}
    for name in (*sorted(names), *([] if keep else [backup_record.COLLECTION])):
        trial.drop_collection(name)
