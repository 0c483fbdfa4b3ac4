"""The record of the last backup: the operators' command writes it, and the metrics tell it."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.database import Database

from common.access import EVERY, READ
from common.mongo import CollectionSpec, Document

# Never part of a backup, and never replaced by a restore: a restored record would tell of another backup than the last.
# The dot keeps it apart from the collections of features.
COLLECTION = "backup.records"
RECORDS = CollectionSpec(COLLECTION, access={EVERY: READ})
_LAST = "last"


@dataclass(frozen=True)
class BackupRecord:
    """The last backup: when it was complete, how large its file is in bytes, and how many documents it holds."""

    completed: datetime
    size: int
    documents: int


def write(database: Database[Document], record: BackupRecord) -> None:
    """Record the last backup. Raises PyMongoError."""
    database[COLLECTION].replace_one({"_id": _LAST}, vars(record), upsert=True)


def read(database: Database[Document]) -> BackupRecord | None:
    """Return the record of the last backup; None when none was recorded. Raises PyMongoError."""
    found = database[COLLECTION].find_one({"_id": _LAST}, {"_id": False})
    return BackupRecord(**found) if found else None
