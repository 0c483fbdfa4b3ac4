"""The file of a backup is whole, or it is refused."""

import gzip
import hashlib
import io
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

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
    plain[plain.index(ENCODED[20]) + 40] ^= 1
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


def changed(change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    """The backup after its records were changed, with a checksum of the whole that fits the change."""
    records = list(bson.decode_file_iter(io.BytesIO(gzip.decompress(WHOLE))))
    change(records)
    before = b"".join(map(bson.encode, records[:-1]))
    if "sha256" in records[-1]:
        records[-1]["sha256"] = hashlib.sha256(before).hexdigest()
    return gzip.compress(before + bson.encode(records[-1]))


def remove_a_document(records: list[dict[str, Any]]) -> None:
    records[1]["documents"] = b"".join(ENCODED[:39])


def change_a_document(records: list[dict[str, Any]]) -> None:
    records[1]["documents"] = b"".join([*ENCODED[:39], ENCODED[39][:-2] + b"!\0"])


def state_another_count(records: list[dict[str, Any]]) -> None:
    records[-1]["documents"]["empty"] = 1


def state_nothing_of_a_collection(records: list[dict[str, Any]]) -> None:
    del records[-1]["documents"]["empty"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove_a_document, "full has 79 documents, and 80 were saved"),
        (change_a_document, "full has documents that do not match its checksum"),
        (state_another_count, "empty has 0 documents, and 1 were saved"),
        (state_nothing_of_a_collection, "its end holds something that no backup holds"),
    ],
)
def test_what_was_changed_with_care_is_found_in_its_collection(
    change: Callable[[list[dict[str, Any]]], None], said: str
) -> None:
    assert refusal(changed(change)) == f"damaged: {said}."


def test_the_order_of_the_documents_makes_no_difference() -> None:
    def turn_around(records: list[dict[str, Any]]) -> None:
        records[1]["documents"], records[2]["documents"] = records[2]["documents"], b"".join(reversed(ENCODED[:40]))

    assert Reader(io.BytesIO(changed(turn_around))).verify() == {"full": 80, "empty": 0}


def test_a_former_backup_without_checksums_of_collections_is_read() -> None:
    def make_former(records: list[dict[str, Any]]) -> None:
        del records[-1]["checksums"]

    for backup, has_checksums in ((changed(make_former), False), (WHOLE, True)):
        reader = Reader(io.BytesIO(backup))
        assert reader.verify() == {"full": 80, "empty": 0}
        assert reader.has_checksums == has_checksums


def test_how_far_it_was_read_is_told() -> None:
    reader = Reader(io.BytesIO(WHOLE))
    assert reader.place == "It was read as far as its header."
    batches = reader.batches()
    next(batches)
    assert reader.place == "It was read as far as document 40 of full."
    assert [len(documents) for _, documents in batches] == [40]
    assert reader.place == ""
