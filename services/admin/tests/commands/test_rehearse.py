"""`python -m admin rehearse`, as an operator uses it."""

import gzip
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo
import pytest
from pymongo.database import Database

from admin.backup.rehearse import trial_name
from common.clients import Clients
from common.mongo import Document
from testing.fixtures import drop
from testing.preloaded import Program
from testing.waiting import eventually

pytestmark = pytest.mark.integration

Admin = Callable[..., tuple[int, str]]


@pytest.fixture
def filled(clients: Clients) -> Iterator[Database[Document]]:
    """A database with two collections; what a test leaves of the rehearsal's is removed."""
    database = clients.database
    for name in ("notes", "reports"):
        database[name].insert_many([{"_id": n, "text": os.urandom(500)} for n in range(1000)])
    yield database
    drop(database.client, trial_name(database.name))


@pytest.fixture
def backup(admin: Admin, filled: Database[Document], tmp_path: Path) -> Path:
    """The backup of it in the series."""
    assert admin("backup")[0] == 0
    [made] = (tmp_path / "backups").iterdir()
    return made


def test_the_newest_backup_is_rehearsed(admin: Admin, filled: Database[Document], backup: Path) -> None:
    # No backup, but the newest by its name.
    backup.with_name(f"{filled.name}-99990101T000000Z.bson.gz").write_bytes(b"")
    code, output = admin("rehearse")
    assert code == 0, output
    assert f"{backup}\nis whole: it was restored in {trial_name(filled.name)}" in output
    assert "1,000  notes\n" in output
    assert trial_name(filled.name) not in filled.client.list_database_names()


Damage = Callable[[bytes], bytes]


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) * 3 // 4]


def flip(whole: bytes) -> bytes:
    flipped = bytearray(whole)
    flipped[len(whole) * 3 // 4] ^= 1
    return bytes(flipped)


def change_inside(whole: bytes) -> bytes:
    """Change a byte before it is compressed, so that the compression finds nothing wrong."""
    plain = bytearray(gzip.decompress(whole))
    plain[len(plain) - 10_000] ^= 1
    return gzip.compress(bytes(plain), 1)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, r"cut short\. It was read as far as document \d+ of reports\."),
        (flip, r"reports"),
        (change_inside, r"damaged: reports has documents that do not match its checksum\."),
    ],
)
def test_a_damaged_backup_is_told_with_its_collection_and_leaves_nothing(
    admin: Admin, filled: Database[Document], backup: Path, damage: Damage, said: str
) -> None:
    damaged = backup.with_name("damaged")
    damaged.write_bytes(damage(backup.read_bytes()))
    code, output = admin("rehearse", "backups/damaged")
    assert (code, len(output.splitlines())) == (1, 1), output
    assert re.match(rf"backups/damaged: .*{said}", output), output
    assert trial_name(filled.name) not in filled.client.list_database_names()


def test_without_a_backup_it_says_how_to_make_one(admin: Admin, clients: Clients) -> None:
    code, output = admin("rehearse")
    assert (code, len(output.splitlines())) == (2, 1), output
    assert "`invoke db-backup` makes one" in output


def test_what_is_in_the_way_is_told_in_one_line(admin: Admin, filled: Database[Document], backup: Path) -> None:
    code, output = admin("rehearse", MONGO_PORT="1", MONGO_TIMEOUT="0.2")
    assert (code, "MongoDB does not answer" in output) == (2, True), output
    filled.client[trial_name(filled.name)]["precious"].insert_one({"_id": 1})
    code, output = admin("rehearse")
    assert (code, len(output.splitlines())) == (2, 1), output
    assert "is not of a rehearsal: it holds precious" in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_rehearsal_that_is_interrupted_leaves_nothing(
    admin: Admin, filled: Database[Document], environ: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    with pymongo.timeout(120):
        filled["reports"].insert_many([{"text": os.urandom(1_000_000)} for _ in range(60)])
    assert admin("backup", "large")[0] == 0
    output, trial = tmp_path / "said", filled.client[trial_name(filled.name)]
    program = Program(["admin", "rehearse", "large"], {**os.environ, **environ}, tmp_path, output)
    try:
        eventually(lambda: trial["restoring.reports"].estimated_document_count(), seconds=60)
        program.send_signal(number)
        assert program.wait(60) == 130
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait(20)
    assert output.read_text(encoding="utf-8").endswith("interrupted\n")
    assert trial.name not in filled.client.list_database_names()
