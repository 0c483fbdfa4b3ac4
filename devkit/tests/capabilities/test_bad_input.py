"""What cannot be removed is refused in one line that says why, and nothing is changed then."""

import shutil
from pathlib import Path

import pytest

from ..features.copies import FEATURES, devkit, git, state
from .remains import repository

NAME = "extra"
DECLARATION = f"devkit/src/devkit/capability/declared/{NAME}.toml"


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with two capabilities of its own, of which the one needs the other."""
    root = repository(tmp_path_factory.mktemp("capabilities") / "product")
    declare(root, NAME)
    declare(root, "more", needs=f"needs = ['{NAME}']")
    (root / "extra.txt").write_text("extra\n" * 3)
    (root / "more.txt").touch()
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "two capabilities")
    git(root, "tag", "first")
    return root


@pytest.fixture
def root(committed: Path) -> Path:
    git(committed, "reset", "--hard", "--quiet", "first")
    git(committed, "clean", "-d", "--force", "--quiet")
    return committed


def declare(root: Path, name: str, needs: str = "", *, file: str = "") -> None:
    file = file or f"{name}.txt"
    text = f"title = 'what tests remove'\nfiles = ['{file}']\nwords = ['{name}']\n{needs}\n"
    path = (root / DECLARATION).with_stem(name)
    # Where every capability was removed, git keeps no empty folder.
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nothing"], "there is no capability 'nothing'. There are "),
        (["extr"], "there is no capability 'extr': did you mean extra? There are "),
        ([NAME], f"more needs {NAME}: remove it too, by `invoke remove more,{NAME}`."),
        (["feature"], "say what: "),
        (["", ""], "say what: "),
        ([","], "say what: "),
        ([NAME, "note"], "say what: "),
        (["more,../README"], "there is no capability '../README'"),
        (["*"], "there is no capability '*'"),
        (["more;rm"], "there is no capability 'more;rm'"),
    ],
)
def test_what_cannot_be_removed_is_refused_with_the_reason(root: Path, words: list[str], why: str) -> None:
    before = state(root)
    code, said = devkit(root, "remove", *words, "--yes")
    assert code == 2, said
    assert f"error: {why}" in said
    assert state(root) == before


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_told_the_command_that_removes_it(root: Path, feature: str) -> None:
    why = f"error: {feature} is a feature: run `invoke remove feature {feature}`.\n"
    assert devkit(root, "remove", f"more,{feature}", "--yes") == (2, why)


@pytest.mark.matrix
def test_all_that_would_miss_something_is_named_in_one_command(root: Path) -> None:
    declare(root, "most", needs="needs = ['more']", file="most.txt")
    (root / "most.txt").touch()
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "needs what needs")
    code, said = devkit(root, "remove", NAME, "--yes")
    line = f"invoke remove more,most,{NAME}"
    assert (code, said) == (2, f"error: more needs {NAME}: remove more and most too, by `{line}`.\n")
    code, said = devkit(root, *line.split()[1:], "--dry-run")
    assert code == 0, said


@pytest.mark.matrix
def test_of_several_of_which_something_needs_one_not_all_are_removed(root: Path) -> None:
    declare(root, "either", needs=f"one_of = ['{NAME}', 'more', 'gone']")
    (root / "either.txt").touch()
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "needs one of two")
    before = state(root)
    code, said = devkit(root, "remove", f"{NAME},more", "--yes")
    assert (code, state(root)) == (2, before)
    why = f"either needs {NAME} or more: keep one, or remove it too, by `invoke remove either,{NAME},more`."
    assert f"error: {why}" in said
    for words in ("more", f"either,{NAME},more"):
        code, said = devkit(root, "remove", words, "--dry-run")
        assert code == 0, said


def test_features_that_import_what_would_go_are_named_with_the_command_that_removes_them(root: Path) -> None:
    declare(root, "imported", file="libs/common/src/common/imported.py")
    (root / "libs/common/src/common/imported.py").touch()
    for feature, text in [
        ("first", "from common import imported"),
        ("other", ""),
        ("second", "import common.imported"),
    ]:
        folder = root / "libs/domain/src/domain" / feature
        folder.mkdir()
        (folder / "__init__.py").write_text(f"{text}\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "features of a team")
    before = state(root)
    code, said = devkit(root, "remove", "imported", "--yes")
    assert (code, state(root)) == (2, before), said
    mend = "invoke remove feature first && invoke remove feature second"
    assert said == f"error: the features first, second need imported: before that, run `{mend}`.\n"


@pytest.mark.matrix
def test_a_dirty_tree_is_refused_and_accepted_with_force(root: Path) -> None:
    (root / "mine.txt").write_text("mine")
    before = state(root)
    code, said = devkit(root, "remove", "more", "--yes")
    assert (code, state(root)) == (1, before)
    assert "changed or new files: 1." in said
    code, said = devkit(root, "remove", "more", "--dry-run", "--force")
    assert (code, state(root)) == (0, before), said


@pytest.mark.matrix
def test_removed_twice_it_is_not_there_the_second_time(root: Path) -> None:
    code, said = devkit(root, "remove", f"more,{NAME},more", "--yes")
    assert (code, (root / "extra.txt").exists()) == (0, False), said
    assert git(root, "log", "-1", "--format=%s") == f"feat!: remove more and {NAME}"
    code, said = devkit(root, "remove", NAME, "--yes")
    assert code == 2
    assert f"there is no capability {NAME!r}" in said


@pytest.mark.matrix
def test_a_word_that_a_team_has_written_is_told_with_its_place(root: Path) -> None:
    (root / "docs" / "ours.md").write_text("# Ours\n\nWe like more.\n")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "ours")
    (root / ".env.local").write_text("MORE_PASSWORD=only-in-this-file\nMONGO_PASSWORD=other\n")
    code, said = devkit(root, "remove", "more", "--yes")
    assert code == 0, said
    assert "docs/ours.md:3: We like more." in said
    assert ".env.local still sets MORE_PASSWORD, which nothing reads now" in said
    assert "only-in-this-file" not in said


def test_a_bad_declaration_is_one_line_that_names_it(root: Path) -> None:
    (root / DECLARATION).write_text("title = 'no files'\n")
    code, said = devkit(root, "capabilities")
    assert code == 1
    assert f"{DECLARATION} declares no capability" in said


def test_the_list_shows_what_needs_what_and_works_without_git(root: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns(".git", ".mypy_cache"))
    code, said = devkit(copy, "capabilities")
    assert code == 0, said
    rows = {line.split()[0]: line.split() for line in said.splitlines()}
    assert rows[NAME][-4:] == ["-", "more", "2", "7"]
    assert rows["more"][-4:] == [NAME, "-", "2", "4"]


def test_without_git_nothing_is_removed(root: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", ignore=shutil.ignore_patterns(".git", ".mypy_cache"))
    code, said = devkit(copy, "remove", "more", "--yes")
    assert code == 1
    assert "this needs a git repository with a commit" in said
    assert (copy / "more.txt").exists()
