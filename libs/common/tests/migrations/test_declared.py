"""Migrations are found by their files, and what is named or written wrongly raises with the feature's name."""

from pathlib import Path

import pytest

from common.feature import FeatureError
from common.migration import MigrationError

from .conftest import PACKAGE, Make

UP = "def up(database):\n    pass\n"


def test_they_are_found_in_the_order_of_their_numbers_and_not_imported(make: Make) -> None:
    [note, other] = make(note={"0002_second": "raise RuntimeError", "0001_first": UP}, other={})
    assert [migration.id for migration in note.migrations] == ["note.0001_first", "note.0002_second"]
    assert other.migrations == ()


def test_a_file_whose_name_is_none_of_a_migration_is_refused(make: Make) -> None:
    with pytest.raises(
        FeatureError, match=r"note: migrations/add_title\.py has to be named like 0001_what_it_does\.py"
    ):
        make(note={"add_title": UP})


def test_two_of_one_number_are_refused(make: Make) -> None:
    with pytest.raises(FeatureError, match=r"note: migrations/0001_b\.py has the number of 0001_a\.py"):
        make(note={"0001_a": UP, "0001_b": UP})


def test_a_folder_without_init_is_refused(make: Make, tmp_path: Path) -> None:
    make(note={"0001_a": UP})
    (tmp_path / PACKAGE / "note/migrations/__init__.py").unlink()
    with pytest.raises(FeatureError, match=r"note: its folder migrations has no __init__\.py"):
        make()


@pytest.mark.parametrize(
    ("text", "message"),
    [("", r"note\.0001_a: there is no up"), (f"INCOMPATIBLE = 'yes'\n{UP}", r"INCOMPATIBLE is 'yes'")],
)
def test_what_is_written_wrongly_is_told_when_it_is_loaded(make: Make, text: str, message: str) -> None:
    [note] = make(note={"0001_a": text})
    with pytest.raises(MigrationError, match=message):
        note.migrations[0].load()


def test_it_tells_whether_older_code_can_run_after_it(make: Make) -> None:
    [note] = make(note={"0001_a": UP, "0002_b": f"INCOMPATIBLE = True\n{UP}"})
    assert [migration.load().incompatible for migration in note.migrations] == [False, True]
