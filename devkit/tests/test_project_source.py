"""Where a product was made from is told by an address that means the same on each machine, or not at all."""

from pathlib import Path

import pytest

from devkit.project.source import address

from .conftest import git


def clone_of(source: str, folder: Path) -> Path:
    """Make a repository that says it was cloned from a source."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", source)
    return folder


@pytest.mark.parametrize(
    "source",
    ["https://git.example/team/starter.git", "git@git.example:team/starter.git", "gh:team/starter", "ssh://git@x/y"],
)
def test_an_address_stays_and_a_folder_is_what_it_was_cloned_from(source: str, tmp_path: Path) -> None:
    assert address(source) == source
    first = clone_of(source, tmp_path / "first")
    assert address(str(first)) == source
    assert address(f"git+file://{first}") == source
    second = clone_of(f"file://{first}", tmp_path / "a second")
    assert address(str(second)) == source
    # As git takes it: from the folder that says so.
    assert address(str(clone_of("../a second", tmp_path / "third"))) == source


@pytest.mark.parametrize("account", ["somebody:secret@", "secret@", "somebody:se@cret@"])
def test_a_password_in_an_address_is_left_out(account: str) -> None:
    assert address(f"https://{account}git.example/team/starter.git") == "https://git.example/team/starter.git"


def test_a_folder_that_comes_from_nowhere_has_no_address(tmp_path: Path) -> None:
    assert address("") == ""
    assert address(str(tmp_path)) == ""
    assert address(str(tmp_path / "not-there")) == ""
    alone = tmp_path / "alone"
    alone.mkdir()
    git(alone, "init", "--quiet")
    assert address(str(alone)) == ""
    circle = clone_of(str(tmp_path / "circle"), tmp_path / "circle")
    assert address(str(circle)) == ""


def test_a_folder_inside_of_another_repository_is_not_that_one(tmp_path: Path) -> None:
    outer = clone_of("https://git.example/other.git", tmp_path / "outer")
    (outer / "archive").mkdir()
    assert address(str(outer / "archive")) == ""
