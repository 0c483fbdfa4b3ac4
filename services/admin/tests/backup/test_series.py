"""Which files of `backups/` are of the series, and which of them are removed."""

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from admin.backup.archive import Header, Writer
from admin.backup.files import new_file
from admin.backup.series import backups, newest_time, remove_old
from common.config import Settings

SETTINGS = Settings(project="product", mongo_database="data")
Make = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the series, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "backups"
    made.mkdir()
    return made


@pytest.fixture
def make(folder: Path) -> Make:
    """Make a backup of some day of January 2026."""

    def make_it(day: int, *, database: str = "data", project: str = "product", name: str = "") -> Path:
        path = folder / (name or f"{database}-202601{day:02}T000000Z.bson.gz")
        stream = io.BytesIO()
        made = {"project": project, "database": database, "version": "1", "created": datetime.now(UTC)}
        Writer(stream, Header(collections=[], **made)).finish()
        path.write_bytes(stream.getvalue())
        return path

    return make_it


def removed(keep: int, made: Path) -> list[Path]:
    return list(remove_old(SETTINGS, keep=keep, made=made))


def test_the_newest_ones_stay(folder: Path, make: Make) -> None:
    made = [make(day) for day in (3, 1, 4, 2, 5)]
    assert newest_time(SETTINGS) == datetime(2026, 1, 5, tzinfo=UTC)
    assert sorted(removed(2, made[-1])) == sorted([made[0], made[1], made[3]])
    assert sorted(folder.iterdir()) == sorted([made[2], made[4]])


def test_fewer_than_are_kept_all_stay(make: Make) -> None:
    make(1)
    assert removed(2, make(2)) == []


def test_the_one_that_was_just_made_stays_also_when_the_clock_was_set_back(folder: Path, make: Make) -> None:
    make(5)
    made = make(1)
    removed(1, made)
    assert list(folder.iterdir()) == [made]


@pytest.mark.parametrize(
    "name", ["before-the-change.bson.gz", "data-20260101.bson.gz", "data-20269901T000000Z.bson.gz"]
)
def test_a_backup_with_a_name_of_its_own_stays(make: Make, name: str) -> None:
    named = make(1, name=name)
    removed(1, make(2))
    assert named.exists()


def test_a_backup_of_another_database_or_product_stays(make: Make) -> None:
    others = [make(1, database="data-of-others"), make(1, project="another")]
    removed(1, make(2))
    assert all(other.exists() for other in others)


@pytest.mark.parametrize("content", [b"", b"a person's notes", gzip.compress(b"something else", mtime=0)])
def test_a_file_that_is_no_backup_stays_whatever_its_name(folder: Path, make: Make, content: bytes) -> None:
    foreign = folder / "data-20260101T000000Z.bson.gz"
    foreign.write_bytes(content)
    made = make(2)
    assert removed(1, made) == []
    assert backups(SETTINGS) == [made]


def test_what_a_killed_backup_has_left_is_removed_and_what_is_being_written_is_not(folder: Path, make: Make) -> None:
    left = folder / ".data-20260101T000000Z.bson.gz.x.part"
    other = folder / ".data-x-20260101T000000Z.bson.gz.x.part"
    for path in (left, other):
        path.write_bytes(b"begun")
    with new_file(folder / "data-20260103T000000Z.bson.gz"):
        [written] = set(folder.iterdir()) - {left, other}
        assert removed(1, make(2)) == [left]
        assert written.exists()
    assert other.exists()


def test_without_the_folder_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (backups(SETTINGS), newest_time(SETTINGS)) == ([], None)
