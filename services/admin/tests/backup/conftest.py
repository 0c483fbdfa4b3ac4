"""What the tests of backups share: a backup in memory, and all that a database holds."""

import io
from collections.abc import Callable
from typing import Any, cast

import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from admin.backup.archive import RAW, Reader
from admin.backup.restore import load, swap
from admin.backup.save import described, save
from common.config import Settings
from common.mongo import Document


def ignore(_documents: int, _bytes: int) -> None:
    """Ignore progress."""


@pytest.fixture
def saved(database: Database[Document], settings: Settings) -> Callable[[], bytes]:
    """Save the database of the test."""

    def save_it() -> bytes:
        stream = io.BytesIO()
        save(database, settings, stream, ignore)
        return stream.getvalue()

    return save_it


@pytest.fixture
def restore(database: Database[Document]) -> Callable[[bytes], None]:
    """Restore a backup into the database of the test."""

    def restore_it(backup: bytes) -> None:
        reader = Reader(io.BytesIO(backup))
        load(database, reader, ignore)
        swap(database, reader.header)

    return restore_it


def raw_documents(database: Database[Document], name: str) -> list[bytes]:
    """Return the documents of a collection as MongoDB sends them."""
    raw: Collection[Any] = database.get_collection(name, codec_options=cast("Any", RAW))
    return [bytes(document.raw) for document in raw.find()]


@pytest.fixture
def content(database: Database[Document]) -> Callable[[], Any]:
    """Return all that the database of the test holds, byte for byte: the collections' definitions and documents."""

    def read_it() -> Any:
        names = database.list_collection_names()
        documents = {name: sorted(raw_documents(database, name)) for name in names}
        return documents, described(database)

    return read_it
