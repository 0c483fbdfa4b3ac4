"""A product of the starter's first version becomes one of the second and the third, with all that its team has done."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from devkit import answers, env
from devkit.feature.delete import features

from ..features.coming_and_going import passes_its_checks
from ..features.copies import ROOT, environ, git, run, run_here
from .starting import in_own_group
from .updating import (
    ANSWERS,
    CONTESTED,
    GIVEN_UP,
    KEPT,
    PLUMBING,
    THERE,
    THIRD,
    commit,
    content,
    copied,
    make_product,
    release_second,
    replace,
    update,
    whole_state,
)

# Each makes products, which takes seconds, and asks the index that packages come from.
pytestmark = pytest.mark.features
UNTESTED = ("--checks", "true")


@dataclass(frozen=True)
class Updated:
    """A product, and what its update ended with."""

    root: Path
    code: int
    said: str


@pytest.fixture(scope="module")
def product(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product of the first version, to be copied; the starter has released the second meanwhile."""
    root = tmp_path_factory.mktemp("products") / "q9-zebra"
    make_product(starter, root)
    release_second(starter)
    return root


@pytest.fixture(scope="module")
def second(product: Path, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    """The product, updated to the second version."""
    root = copied(product, tmp_path_factory.mktemp("second"))
    return Updated(root, *update(root, *UNTESTED))


@pytest.fixture(scope="module")
def third(starter: Path, second: Updated, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    """The product, with the conflicts of an update to the third version, a commit that nothing was released of."""
    replace(starter, THIRD, "docs: the third")
    root = copied(second.root, tmp_path_factory.mktemp("third"))
    return Updated(root, *update(root, "--to", "main", *UNTESTED))


def test_a_check_ends_with_1_where_there_is_a_newer_version_and_changes_nothing(product: Path) -> None:
    before = whole_state(product)
    code, said = update(product, "--check")
    assert (code, "v1.3.0 is newer than v1.2.0" in said) == (1, True), said
    assert whole_state(product) == before


def test_an_update_is_one_commit_that_keeps_what_the_team_did(product: Path, second: Updated) -> None:
    root = second.root
    assert second.code == 0, second.said
    assert git(root, "log", "-1", "--format=%s") == "chore: update the starter from v1.2.0 to v1.3.0"
    assert git(root, "rev-parse", "HEAD~1") == git(product, "rev-parse", "HEAD")
    assert (git(root, "status", "--porcelain"), len(git(root, "worktree", "list").splitlines())) == ("", 1)
    # What is new is there.
    assert content(root, "devkit/src/devkit/signals.py").startswith('"""The second: ')
    assert content(root, "docs/release.md").startswith("# The second: ")
    assert (root / "libs/web/src/web/arrived.py").exists()
    # Both are in what both changed.
    for name, theirs, ours in (
        (PLUMBING, "The one rule", 'OURS = "ours"'),
        ("libs/domain/src/domain/hello/service.py", "The second: ", "OURS = 1"),
    ):
        assert theirs in content(root, name), name
        assert ours in content(root, name), name
    # What is the team's is as it was, what was removed is not back, and what was made is there.
    for name in ("README.md", "LICENSE", "SECURITY.md", "CHANGELOG.md", "docs/development.md", CONTESTED):
        assert content(root, name) == content(product, name), name
    settings = env.read(root / ".env")
    assert (settings["PROJECT"], settings["VERSION"]) == ("q9-zebra", "3.1.4")
    assert features(root) == sorted([*KEPT, "invoice"])
    removed = [path.relative_to(ROOT).as_posix() for name in GIVEN_UP for path in THERE[name].paths(ROOT)]
    for gone in (*removed, "docs/mirrors.md", "docs/decisions", "copier.yml"):
        assert not (root / gone).exists(), gone
    made = answers.read(root)
    assert (made["_commit"], made["_src_path"]) == ("v1.3.0", answers.read(product)["_src_path"])
    assert (made["features"], sorted(made["without"])) == (KEPT, GIVEN_UP)


def test_locks_and_documents_are_made_anew_and_a_step_has_run(second: Updated) -> None:
    run_here(second.root, "-m", "devkit", "lock", "--check")
    run_here(second.root, "-m", "devkit", "openapi", "--check")
    assert "/api/v1/invoices" in content(second.root, "docs/openapi.json")
    assert content(second.root, "docs/steps.md") == "a step has run\n"


def test_the_listing_tells_what_was_replaced_taken_merged_and_kept(second: Updated) -> None:
    said = second.said.splitlines()
    assert [line.split(" (")[0] for line in said if line.startswith("replaced: ")] == [
        "replaced: devkit",
        "replaced: libs/web",
    ]
    taken, merged = said.index("taken:"), said.index("merged with your changes:")
    assert said[taken + 1 : merged] == ["  docs/release.md"]
    assert said[merged + 1 : merged + 3] == [f"  {PLUMBING}", "  libs/domain/src/domain/hello/service.py"]
    assert any(
        line.startswith("kept as yours: VERSION, README.md, LICENSE, SECURITY.md, CHANGELOG.md; ") for line in said
    )


def test_a_second_update_changes_nothing(second: Updated) -> None:
    before = whole_state(second.root)
    code, said = update(second.root, "--to", "v1.3.0")
    assert (code, "up to date" in said) == (0, True), said
    assert whole_state(second.root) == before


def test_conflicts_are_those_of_git_with_what_to_do(third: Updated) -> None:
    assert third.code == 1
    assert f"  {CONTESTED}: both changed it: solve the marked places, then `git add {CONTESTED}`" in third.said
    assert "`git rm docs/mirrors.md` or `git add docs/mirrors.md`" in third.said
    assert "`invoke update --continue` goes on" in third.said.splitlines()[-1]
    state = git(third.root, "status", "--porcelain").splitlines()
    assert {line for line in state if "U" in line[:2]} == {"DU docs/mirrors.md", f"UU {CONTESTED}"}
    # What has none is merged already.
    assert content(third.root, "docs/release.md").startswith("# The third: ")
    code, said = update(third.root)
    assert (code, "is under way" in said) == (1, True), said
    code, said = update(third.root, "--continue")
    assert (code, "conflicts left: 2\n" in said) == (1, True), said


def test_what_has_conflicts_can_be_taken_back(second: Updated, third: Updated, tmp_path: Path) -> None:
    root = copied(third.root, tmp_path)
    code, said = update(root, "--abort")
    assert code == 0, said
    assert git(root, "rev-parse", "HEAD") == git(second.root, "rev-parse", "HEAD")
    assert (git(root, "status", "--porcelain"), git(root, "for-each-ref", "refs/update")) == ("", "")
    code, said = update(root, "--abort")
    assert (code, "no update is under way" in said) == (1, True), said


def test_what_was_solved_is_finished_as_one_commit(second: Updated, third: Updated, tmp_path: Path) -> None:
    root = copied(third.root, tmp_path)
    git(root, "rm", "--quiet", "docs/mirrors.md")
    git(root, "add", CONTESTED)
    code, said = update(root, "--continue")
    assert (code, f"marks of a conflict still stand in {CONTESTED}" in said) == (1, True), said
    (root / CONTESTED).write_text(content(second.root, CONTESTED), encoding="utf-8")
    code, said = update(root, "--continue", *UNTESTED)
    assert code == 0, said
    assert git(root, "rev-parse", "HEAD~1") == git(second.root, "rev-parse", "HEAD")
    assert git(root, "status", "--porcelain") == ""
    assert not (root / ".git/CHERRY_PICK_HEAD").exists()
    assert "The starter's rule" in content(root, PLUMBING)
    assert not (root / "docs/mirrors.md").exists()
    # The step ran with the second version.
    assert content(root, "docs/steps.md") == "a step has run\n"
    code, said = update(root, "--check")
    assert (code, "is up to date" in said) == (0, True), said
    code, said = update(root, "--continue")
    assert (code, "no update is under way" in said) == (1, True), said


@pytest.mark.parametrize(
    ("answer", "arguments", "says"),
    [
        ("", ("--to", "v9.9.9"), "has no version v9.9.9: it has v1.3.0, v1.2.0"),
        ("", ("--to", "v1.2.0~0"), "up to date"),
        ("_src_path: /nowhere/at-all", (), "could not be cloned"),
        ("_src_path:", (), "does not say where the starter is"),
        ("_commit: v0.0.7", (), "does not have that"),
        ("_commit: v1.3.0", ("--to", "v1.2.0"), "an update only goes on"),
        ("", ("--check", "--abort"), "choose one of"),
        ("", ("--continue",), "no update is under way"),
    ],
)
def test_what_cannot_be_updated_is_told_and_nothing_is_changed(
    product: Path, tmp_path: Path, answer: str, arguments: tuple[str, ...], says: str
) -> None:
    root = copied(product, tmp_path)
    if answer:
        text = answers.with_lines(content(root, ANSWERS), answer.split(":")[0], f"{answer}\n")
        (root / ANSWERS).write_text(text, encoding="utf-8")
        commit(root, "test: another answer")
    before = whole_state(root)
    code, said = update(root, *arguments)
    assert (code != 0) is (says != "up to date"), said
    assert says in said.splitlines()[-1]
    assert whole_state(root) == before


def test_neither_changed_files_nor_the_starter_itself_are_updated(starter: Path, product: Path, tmp_path: Path) -> None:
    root = copied(product, tmp_path)
    (root / "mine.txt").write_text("mine", encoding="utf-8")
    code, said = update(root)
    assert (code, "changed or new files: 1. Commit them first" in said) == (1, True), said
    code, said = update(starter)
    assert (code, "`git pull` takes what is new" in said) == (1, True), said


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.whole)], ids=["Ctrl-C", "kill -9"]
)
def test_an_interrupted_update_changes_nothing(product: Path, tmp_path: Path, number: signal.Signals) -> None:
    root, temporary = copied(product, tmp_path), tmp_path / "temporary"
    temporary.mkdir()
    before = whole_state(root)
    done = in_own_group(root, {**environ(root), "TMPDIR": str(temporary)}, "update")
    end = time.monotonic() + 240
    while not list(temporary.glob("update-*/old/devkit")):
        assert done.poll() is None, done.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.05)
    # What it has started has sessions of its own, which kill -9 would leave at work.
    children = psutil.Process(done.pid).children(recursive=True) if number == signal.SIGKILL else []
    os.killpg(done.pid, number)
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    output = done.communicate(timeout=240)[0]
    assert done.returncode == (130 if number == signal.SIGINT else -number), output
    assert "Traceback" not in output
    git(root, "worktree", "prune")
    if number == signal.SIGINT:
        assert os.listdir(temporary) == []
        assert whole_state(root) == before
    else:
        # What it was doing is left in the folder for temporary files.
        assert git(root, "status", "--porcelain") == ""
        assert whole_state(root)["files"] == before["files"]


@pytest.mark.integration
@pytest.mark.whole
def test_all_checks_and_the_whole_suite_of_an_updated_product_pass(second: Updated, tmp_path: Path) -> None:
    root = copied(second.root, tmp_path)
    run(root, "invoke", "install")
    passes_its_checks(root)
    run(root, root / ".venv/bin/python", "-m", "pytest", "-n", "4", "-q", "libs", "services")
