"""The file of a backup is whole, or it is refused."""

import gzip
import io
import random
from datetime import UTC, datetime

import bson
import pytest

from admin.backup.archive import BackupError, Collection, Header, Reader, Writer

HEADER = Header(
    project="product",
    database="data",
    version="1.2.3",
    created=datetime(2024, 2, 29, 12, tzinfo=UTC),
    collections=[Collection(name=name, options={}, indexes=[]) for name in ("full", "empty")],
)
RANDOM = random.Random(7)  # noqa: S311 - the same bytes in each run
ENCODED = [bson.encode({"_id": n, "noise": RANDOM.randbytes(50)}) for n in range(80)]
BATCHES = [b"".join(ENCODED[:40]), b"".join(ENCODED[40:])]


def written(header: Header = HEADER) -> bytes:
    stream = io.BytesIO()
    writer = Writer(stream, header)
    for batch in BATCHES:
        assert writer.add("full", batch) == 40
    assert writer.finish() == {"full": 80, "empty": 0}
    return stream.getvalue()


WHOLE = written()


def content(backup: bytes) -> list[bytes]:
    return [bytes(document.raw) for _, documents in Reader(io.BytesIO(backup)).batches() for document in documents]


def refusal(backup: bytes) -> str:
    with pytest.raises(BackupError) as raised:
        Reader(io.BytesIO(backup)).verify()
    assert len(str(raised.value).splitlines()) == 1
    return str(raised.value)


def test_what_was_written_is_read() -> None:
    reader = Reader(io.BytesIO(WHOLE))
    assert reader.header == HEADER
    assert reader.verify() == {"full": 80, "empty": 0}
    assert b"".join(content(WHOLE)) == b"".join(BATCHES)


def test_other_programs_can_read_it() -> None:
    plain = io.BytesIO(gzip.decompress(WHOLE))
    kinds = [next(iter(record)) for record in bson.decode_file_iter(plain)]
    assert kinds == ["backup", "collection", "collection", "documents"]


def test_wherever_it_is_cut_it_is_refused() -> None:
    # The first byte alone does not show that it is the beginning of a backup.
    assert "no backup" in refusal(WHOLE[:1])
    for size in (0, *range(2, len(WHOLE))):
        assert "cut short" in refusal(WHOLE[:size])


def test_wherever_its_content_is_cut_it_is_refused() -> None:
    plain = gzip.decompress(WHOLE)
    for size in [*range(0, len(plain), 97), len(plain) - 1]:
        assert "cut short" in refusal(gzip.compress(plain[:size]))


def test_whatever_bit_is_flipped_it_is_refused_or_nothing_but_the_same_is_read() -> None:
    """A gzip has some bits that mean nothing, such as the name of the system that made it."""
    harmless = 0
    for place in range(len(WHOLE)):
        flipped = bytearray(WHOLE)
        flipped[place] ^= 1 << place % 8
        try:
            assert content(bytes(flipped)) == content(WHOLE)
            harmless += 1
        except BackupError:
            pass
    assert harmless < 10


def test_a_bit_that_was_flipped_before_it_was_compressed_is_found_by_the_checksum() -> None:
    plain = bytearray(gzip.decompress(WHOLE))
    plain[len(plain) // 2] ^= 1
    assert "checksum" in refusal(gzip.compress(bytes(plain)))


@pytest.mark.parametrize(
    "foreign",
    [
        b"no gzip at all",
        gzip.compress(b"a gzip of something else"),
        gzip.compress(bson.encode({"some": "document"})),
        gzip.compress(bytes(100_000)),
        gzip.compress(b"\xff\xff\xff\x7f" + bytes(1000)),
    ],
    ids=["text", "gzip of text", "another document", "nothing, compressed", "a document of 2 GB"],
)
def test_what_is_no_backup_is_told(foreign: bytes) -> None:
    assert "no backup" in refusal(foreign)


def test_what_goes_on_behind_the_end_is_refused() -> None:
    assert "damaged" in refusal(WHOLE + gzip.compress(b"x"))


def test_a_later_format_is_told_from_damage() -> None:
    assert "newer version" in refusal(written(HEADER.model_copy(update={"backup": 2})))


@pytest.mark.parametrize(
    "record",
    [
        {"collection": "another", "documents": BATCHES[0]},
        {"collection": ["full"], "documents": BATCHES[0]},
        {"collection": "full", "documents": "text"},
        {"collection": "full", "documents": b""},
        {"collection": "full", "documents": BATCHES[0][:-1]},
        {"collection": "full", "documents": b"\xff\xff\xff\xff\x00"},
        {"sha256": "0"},
        {},
    ],
)
def test_content_that_no_backup_holds_is_refused(record: dict[str, object]) -> None:
    head = bson.encode(HEADER.model_dump())
    assert "damaged" in refusal(gzip.compress(head + bson.encode(record)))
