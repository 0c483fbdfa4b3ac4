"""The file of a backup: a gzip of BSON documents one after another, so that `zcat` and `bsondump` read it too.

1. The header: `backup` (the number of this format), `project`, `database` and `version` it was made of, `created`, and
   `collections`: of each its `name`, `options` (a validator, a collation) and `indexes`, as MongoDB lists them.
2. The content, collection by collection: `{"collection": name, "documents": bytes}`, many times. The bytes are whole
   documents as MongoDB sent them. They are never decoded, so every type survives byte for byte.
3. The trailer: `documents`, how many there are of each collection, `checksums`, those of each collection's documents,
   and the `sha256` of all bytes before the trailer. Former versions wrote no `checksums`.

Writing and reading hold one batch in memory, about 16 MB, however large the database is.
"""

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from admin.output import CommandError
from common.mongo import Document

FORMAT = 1
RAW = CodecOptions(document_class=RawBSONDocument)
# A batch is at most 16 MB, or one document of that size. A larger record was not written by this program.
_LARGEST = 64 * 1024 * 1024
_READABLE: CodecOptions[Document] = CodecOptions(tz_aware=True)


class BackupError(CommandError):
    """A backup cannot be made or used; the message says why in one line."""


class Collection(BaseModel):
    """The definition of one collection, without its documents."""

    model_config = ConfigDict(frozen=True)

    name: str
    options: Document
    indexes: list[Document]


class Header(BaseModel):
    """Where a backup comes from, and the collections it holds."""

    model_config = ConfigDict(frozen=True)

    backup: int = Field(default=FORMAT, ge=1)
    project: str
    database: str
    version: str
    created: datetime
    collections: list[Collection]


@dataclass
class Content:
    """How many documents a collection has, and a checksum of them: the sum of their SHA-256, modulo 2^256.

    Their order makes no difference, for MongoDB promises none, and a restore may change it.
    """

    documents: int = 0
    _sum: int = field(default=0, repr=False)

    def add(self, documents: Iterable[RawBSONDocument]) -> int:
        """Count documents and return how many they are."""
        digests = [hashlib.sha256(document.raw).digest() for document in documents]
        self.documents += len(digests)
        self._sum = (self._sum + sum(map(int.from_bytes, digests))) % 2**256
        return len(digests)

    @property
    def checksum(self) -> str:
        """Return the checksum in hexadecimal digits."""
        return f"{self._sum:064x}"


class Writer:
    """Write a backup to a stream. Without `finish` no reader accepts it."""

    def __init__(self, stream: IO[bytes], header: Header) -> None:
        self._stream = stream
        # In the gzip format. The lowest level is several times as fast on text, for a tenth more bytes.
        self._deflate = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        self._sum = hashlib.sha256()
        self._contents = {collection.name: Content() for collection in header.collections}
        self._write(header.model_dump())

    def add(self, collection: str, batch: bytes) -> int:
        """Write whole BSON documents and return how many they are."""
        count = self._contents[collection].add(documents_of(batch))
        self._write({"collection": collection, "documents": batch})
        return count

    def finish(self) -> dict[str, int]:
        """Write the trailer; return the number of documents of each collection."""
        counts = counts_of(self._contents)
        checksums = {name: content.checksum for name, content in self._contents.items()}
        self._write({"documents": counts, "checksums": checksums, "sha256": self._sum.hexdigest()})
        self._stream.write(self._deflate.flush())
        self._stream.flush()
        return counts

    def _write(self, document: Document) -> None:
        encoded = bson.encode(document)
        self._sum.update(encoded)
        self._stream.write(self._deflate.compress(encoded))


class Reader:
    """Read a backup from a stream. Raises BackupError when it is no backup, and OSError when it cannot be read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = gzip.GzipFile(fileobj=stream, mode="rb")
        self._sum = hashlib.sha256()
        self.header = _header(self._next())
        self.contents = {collection.name: Content() for collection in self.header.collections}
        # Whether it says the checksum of each collection; known at its end.
        self.has_checksums = False
        self._last, self._ended = "", False

    @property
    def counts(self) -> dict[str, int]:
        """Return how many documents of each collection were read."""
        return counts_of(self.contents)

    @property
    def place(self) -> str:
        """Return how far it was read, as a sentence; nothing when that was its end."""
        if self._ended:
            return ""
        if not self._last:
            return "It was read as far as its header."
        return f"It was read as far as document {self.contents[self._last].documents:,} of {self._last}."

    def batches(self) -> Iterator[tuple[str, list[RawBSONDocument]]]:
        """Yield the documents in batches, with their collection's name. Reaching the end proves that all is intact."""
        while True:
            before = self._sum.hexdigest()
            record = self._next()
            if "sha256" in record:
                return self._check_end(record, before)
            name, batch = str(record.get("collection")), record.get("documents")
            if name not in self.contents or not isinstance(batch, bytes) or not batch:
                raise BackupError("damaged: it holds something that no backup holds.")
            documents = documents_of(batch)
            self.contents[name].add(documents)
            self._last = name
            yield name, documents

    def verify(self) -> dict[str, int]:
        """Read to the end, keeping nothing; return the number of documents of each collection."""
        for _ in self.batches():
            pass
        return self.counts

    def _check_end(self, trailer: Document, checksum: str) -> None:
        self._ended = True
        documents, checksums = trailer.get("documents"), trailer.get("checksums", {})
        if (
            not isinstance(documents, dict)
            or not isinstance(checksums, dict)
            or documents.keys() != self.contents.keys()
        ):
            raise BackupError("damaged: its end holds something that no backup holds.")
        self.has_checksums = "checksums" in trailer
        if wrong := differences(self.contents, documents, checksums):
            raise BackupError(f"damaged: {'; '.join(wrong)}.")
        if trailer["sha256"] != checksum:
            raise BackupError("damaged: its content does not match its checksum.")
        if self._read(1, need=False):
            raise BackupError("damaged: it continues after its end.")

    def _next(self) -> Document:
        head = self._read(4)
        size = int.from_bytes(head, "little")
        if not 5 <= size <= _LARGEST:
            raise BackupError("no backup, or damaged.")
        encoded = head + self._read(size - 4)
        self._sum.update(encoded)
        return _decoded(encoded)

    def _read(self, size: int, *, need: bool = True) -> bytes:
        try:
            content = self._stream.read(size)
        except EOFError as error:
            raise BackupError("cut short.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BackupError("no backup, or damaged.") from error
        if need and len(content) < size:
            raise BackupError("cut short.")
        return content


def counts_of(contents: Mapping[str, Content]) -> dict[str, int]:
    """Return how many documents each collection has."""
    return {name: content.documents for name, content in contents.items()}


def differences(found: Mapping[str, Content], counts: Document, checksums: Document) -> list[str]:
    """Return what differs from the counts and checksums that a backup states, a few words for each collection.

    A collection without a stated checksum is compared by its count alone.
    """
    return [
        f"{name} has {content.documents:,} documents, and {counts[name]!r} were saved"
        if content.documents != counts[name]
        else f"{name} has documents that do not match its checksum"
        for name, content in found.items()
        if content.documents != counts[name] or content.checksum != checksums.get(name, content.checksum)
    ]


def documents_of(batch: bytes) -> list[RawBSONDocument]:
    """Return the documents in bytes that hold nothing else. Raises BackupError."""
    try:
        return bson.decode_all(batch, RAW)
    except InvalidBSON as error:
        raise BackupError("damaged: it holds something that is no document.") from error


def _decoded(encoded: bytes) -> dict[str, Any]:
    try:
        return bson.decode(encoded, _READABLE)
    except InvalidBSON as error:
        raise BackupError("no backup, or damaged.") from error


def _header(document: Document) -> Header:
    number = document.get("backup")
    if isinstance(number, int) and number > FORMAT:
        raise BackupError(f"made by a newer version, in format {number}; this one reads format {FORMAT}.")
    try:
        return Header.model_validate(document)
    except ValidationError as error:
        raise BackupError("no backup of this program.") from error
