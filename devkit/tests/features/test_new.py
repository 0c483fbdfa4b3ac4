"""A feature is made by one command and removed by another: each is one commit, and both together leave no trace."""

import itertools
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.feature.create import create
from devkit.feature.delete import delete
from devkit.feature.found_options import all_options
from devkit.feature.parse import feature_spec
from devkit.terminal import CommandError
from testing.waiting import eventually

from .coming_and_going import ALL_TYPES, is_made_green_and_removed_without_a_trace
from .copies import FEATURES, copy_without, devkit, environ, git, run, run_here, state

OPTIONS = sorted(all_options())
CHOICES = [options for count in range(len(OPTIONS) + 1) for options in itertools.combinations(OPTIONS, count)]
ALONE = [(option,) for option in OPTIONS]
# All options together are of the quick form; the others, which take as long each, are of the complete one.
MADE = [pytest.param(options, marks=[pytest.mark.whole] * (options != CHOICES[-1])) for options in CHOICES]


@pytest.mark.parametrize(
    ("options", "fields"), [*((options, ALL_TYPES) for options in CHOICES), *((each, "title:str") for each in ALONE)]
)
def test_each_kind_is_formatted_and_goes_without_a_trace(root: Path, options: tuple[str, ...], fields: str) -> None:
    create(feature_spec("sales_category", fields=fields, options=options), root)
    run(root, sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    run(root, sys.executable, "-m", "ruff", "format", "--check", "--no-cache", ".")
    document = json.loads(run_here(root, "-m", "api.openapi"))
    assert "/api/v1/sales-categories/{id}" in document["paths"]
    assert document["paths"]["/api/v1/sales-categories"]["post"]["operationId"] == "createSalesCategory"
    delete("sales_category", root)
    assert state(root)[1] == ""


@pytest.mark.features
@pytest.mark.parametrize("options", MADE)
def test_a_new_feature_is_green_at_once(root: Path, options: tuple[str, ...]) -> None:
    is_made_green_and_removed_without_a_trace(root, options)


def test_it_is_one_commit_that_can_be_taken_back(root: Path) -> None:
    before = state(root)
    code, said = devkit(root, "new", "feature", "invoice", *(f"--{option}" for option in OPTIONS))
    assert (code, state(root)[1]) == (0, ""), said
    assert git(root, "log", "--format=%s", f"{before[0]}..HEAD") == "feat(invoice): add invoices"
    assert run_here(root, "-m", "devkit", "openapi", "--check") == ""
    git(root, "revert", "--no-edit", "HEAD")
    assert git(root, "diff", before[0], "HEAD") == ""
    assert state(root)[2] == git(root, "worktree", "list")


def test_on_no_branch_it_says_how_the_commit_is_kept(root: Path) -> None:
    git(root, "switch", "--quiet", "--detach")
    try:
        code, said = devkit(root, "remove", "feature", "hello")
        assert (code, "The commit is on no branch: `git switch --create NAME` keeps it." in said) == (0, True), said
    finally:
        git(root, "switch", "--quiet", "main")


def test_a_feature_that_comes_with_it_is_removed_with_what_only_it_needs(root: Path) -> None:
    code, said = devkit(root, "remove", "feature", "ipecho")
    assert code == 0, said
    assert "libs/domain/pyproject.toml: without httpx2" in said
    assert "httpx2" not in (root / "libs/domain/pyproject.toml").read_text("utf-8")
    assert devkit(root, "lock", "--check")[0] == 0
    assert "ipecho" not in (root / "docs/openapi.json").read_text("utf-8")
    assert state(root)[1] == ""
    run_here(root, "-m", "devkit", "lock", "--check")


def test_a_dry_run_says_all_and_changes_nothing(root: Path) -> None:
    before = state(root)
    for command in (["new", "feature", "invoice"], ["remove", "feature", "note"]):
        code, said = devkit(root, *command, "--dry-run")
        assert (code, state(root)) == (0, before)
        assert f"libs/domain/src/domain/{command[2]}" in said


def test_what_is_not_committed_is_not_touched(root: Path) -> None:
    (root / "README.md").write_text("mine", "utf-8")
    (root / "new.txt").touch()
    before = state(root)
    code, said = devkit(root, "new", "feature", "invoice")
    assert (code, state(root)) == (1, before)
    assert "changed or new files: 2. Commit them first" in said
    code, said = devkit(root, "new", "feature", "invoice", "--force")
    assert code == 0, said
    assert (root / "README.md").read_text("utf-8") == "mine"
    assert git(root, "log", "-1", "--format=%s") == "feat(invoice): add invoices"
    assert "README.md" not in git(root, "show", "--stat", "--format=")


def test_what_fails_on_the_way_leaves_nothing(root: Path) -> None:
    (root / "services/api/src/api/routes/broken.py").write_text("import nothing_of_this_name\n", "utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=broken")
    before = state(root)
    code, said = devkit(root, "new", "feature", "invoice")
    assert (code, state(root)) == (1, before)
    assert "nothing was changed" in said
    assert "nothing_of_this_name" in said


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_what_is_stopped_in_its_middle_leaves_nothing_and_can_be_typed_again(root: Path, kind: signal.Signals) -> None:
    git(root, "worktree", "prune")
    before = state(root)
    process = subprocess.Popen(
        [sys.executable, "-m", "devkit", "new", "feature", "invoice"],
        cwd=root,
        env=environ(root),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: git(root, "worktree", "list") != before[2])
    process.send_signal(kind)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if kind == signal.SIGKILL else 130), said
    assert "Traceback" not in said
    assert state(root)[:2] == before[:2]
    if kind == signal.SIGINT:
        assert state(root) == before
    code, said = devkit(root, "new", "feature", "invoice")
    assert (code, state(root)[1]) == (0, ""), said


def test_without_a_repository_it_says_what_is_needed(tmp_path: Path) -> None:
    root = copy_without([], tmp_path / "parent/copy")
    code, said = devkit(root, "new", "feature", "invoice")
    assert (code, "git init" in said) == (1, True), said
    git(tmp_path / "parent", "init", "--quiet")
    code, said = devkit(root, "new", "feature", "invoice")
    assert (code, "git init" in said) == (1, True), said
    git(root, "init", "--quiet")
    code, said = devkit(root, "new", "feature", "invoice")
    assert (code, "git init" in said) == (1, True), said


@pytest.mark.parametrize(
    "name", ["note", "api", "mongo", "service", "common", "health", "conftest", "domain", "devkit", "docs", "tests"]
)
def test_names_that_are_taken_are_refused(root: Path, name: str) -> None:
    spec = feature_spec(name, fields="title:str")
    with pytest.raises(CommandError, match=f"{name!r} is taken: "):
        create(spec, root)
    assert state(root)[1] == ""


@pytest.mark.parametrize(
    ("name", "fields"), [("document", "a:int"), ("answer", "a:int"), ("text", "a:text"), ("sample", "a:int")]
)
def test_names_by_which_its_code_would_call_something_else_are_refused(root: Path, name: str, fields: str) -> None:
    with pytest.raises(CommandError, match=f"{name!r} is taken: .* Choose another name, such as {name}_item."):
        create(feature_spec(name, fields=fields), root)
    assert state(root)[1] == ""
    # It depends on what is made.
    create(feature_spec("day", fields="a:int"), root)


def test_a_feature_that_is_not_there_cannot_be_removed(root: Path) -> None:
    code, said = devkit(root, "remove", "feature", "nothing")
    assert (code, f"there is no feature 'nothing': there are {', '.join(FEATURES)}." in said) == (2, True), said
    for words in ([], ["feature"], ["folder", "x"]):
        code, said = devkit(root, "remove", *words)
        assert (code, "invoke remove feature NAME" in said) == (2, True), said
