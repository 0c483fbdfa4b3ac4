"""Which names a product can have in this repository, and where a name would be found."""

import re
from pathlib import Path

import pytest

from devkit.names import pattern_of, refuse
from devkit.terminal import CommandError

from .conftest import ROOT, commit, git, run_in

FEATURES = sorted(path.parent.name for path in ROOT.glob("libs/domain/src/domain/*/__init__.py"))

FIND = "from devkit.names import mentions; print(*mentions('zebra'))"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *((feature, "is a feature here") for feature in FEATURES),
        ("common", "is a package here"),
        ("api", "is a package here"),
        ("devkit", "is a package here"),
        ("requirements", "is a folder here"),
        ("samples", "is a folder here"),
        ("python", "is a word that stands in "),
        ("admin", "is a database of MongoDB's own"),
        ("a b", "holds ' '"),
    ],
)
def test_a_name_that_something_has_already_is_refused_with_the_rule_in_one_line(name: str, rule: str) -> None:
    with pytest.raises(CommandError, match=re.escape(rule)) as caught:
        refuse(name)
    assert str(caught.value).isprintable()


def test_a_name_that_nothing_has_is_free() -> None:
    refuse(f"q{'z' * 8}-7")


@pytest.mark.parametrize(
    "text", ['x = "zebra"', "ZEBRA_PORT", "mongodb://zebra@host", "zebra-common", "the Zebra API", "/zebra/"]
)
def test_a_name_is_found_in_whatever_form(text: str) -> None:
    assert pattern_of("zebra").search(text.encode())


def test_an_example_of_the_command_is_no_mention(repository: Path) -> None:
    (repository / "a.md").write_text("`invoke rename zebra --dry-run` renames.\n")
    git(repository, "add", "a.md")
    assert run_in(repository, "-c", FIND).stdout.split() == []
    (repository / "a.md").write_text("`invoke rename zebra` makes a zebra of it.\n")
    assert run_in(repository, "-c", FIND).stdout.split() == ["a.md"]


@pytest.mark.parametrize("text", ["zebras", "azebra", "zebra2"])
def test_a_part_of_another_word_is_no_mention(text: str) -> None:
    assert not pattern_of("zebra").search(text.encode())


def test_every_committed_file_is_searched_but_the_settings_and_what_is_for_people(repository: Path) -> None:
    places = ["a.py", "docs/deep/b.md", ".hidden/c", "README.md", "docs/README.md", "LICENSE", "CHANGELOG.md", ".env"]
    # There a product tells what it was made from, and keeps the name that it began with.
    places += [".copier-answers.yml"]
    for place in places:
        (repository / place).parent.mkdir(parents=True, exist_ok=True)
        with (repository / place).open("a") as file:
            file.write("# a zebra\n")
    (repository / "not-committed.py").write_text("zebra")
    git(repository, "add", *places)
    commit(repository, "feat: zebras")
    found = sorted(run_in(repository, "-c", FIND).stdout.split())
    assert found == [
        ".hidden/c",
        "a.py",
        "docs/README.md",
        "docs/deep/b.md",
    ]


def test_without_git_all_files_are_searched_but_those_that_commands_make(clone: Path) -> None:
    for place in (".venv/a.py", "docs/b.md", "LICENSE", ".env"):
        (clone / place).parent.mkdir(exist_ok=True)
        (clone / place).write_text("zebra")
    assert run_in(clone, "-c", FIND).stdout.split() == ["docs/b.md"]
