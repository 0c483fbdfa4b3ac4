"""A feature is made by one command and removed by another: each is one commit, and both together leave no trace."""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.feature.create import create
from devkit.feature.delete import delete
from devkit.feature.parse import feature_spec
from devkit.feature.spec import TYPES
from devkit.terminal import CommandError
from testing.waiting import eventually

from .copies import SOURCES, commit, copy_without, run, run_here

ALL_TYPES = ",".join(f"a_{kind}:{kind}" for kind in TYPES)


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with one commit."""
    root = copy_without([], tmp_path_factory.mktemp("committed"))
    commit(root)
    return root


@pytest.fixture
def root(committed: Path) -> Iterator[Path]:
    first = git(committed, "rev-parse", "HEAD")
    yield committed
    git(committed, "reset", "--hard", "--quiet", first)
    git(committed, "clean", "-d", "--force", "--quiet")


def git(root: Path, *arguments: str) -> str:
    return run(root, "git", *arguments, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1").strip()


def environ(root: Path) -> dict[str, str]:
    """The environment in which a copy's own packages run, and git without what its developer has set."""
    path = os.pathsep.join(str(root / name) for name in SOURCES)
    return {**os.environ, "PYTHONPATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def devkit(root: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a command in a copy, and all that it said."""
    done = subprocess.run(
        [sys.executable, "-m", "devkit", *arguments],
        cwd=root,
        env=environ(root),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


def state(root: Path) -> tuple[str, str, str]:
    """The commit, what differs from it, and the worktrees."""
    return git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain"), git(root, "worktree", "list")


@pytest.mark.parametrize(
    ("job", "schedule", "fields"),
    [(*choice, ALL_TYPES) for choice in itertools.product((False, True), repeat=2)] + [(True, False, "title:str")],
)
def test_each_kind_is_formatted_and_goes_without_a_trace(root: Path, *, job: bool, schedule: bool, fields: str) -> None:
    spec = feature_spec("sales_category", fields=fields, options=["job"] * job + ["schedule"] * schedule)
    create(spec, root)
    run(root, sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    run(root, sys.executable, "-m", "ruff", "format", "--check", "--no-cache", ".")
    document = json.loads(run_here(root, "-m", "api.openapi"))
    assert "/api/v1/sales-categories/{id}" in document["paths"]
    assert document["paths"]["/api/v1/sales-categories"]["post"]["operationId"] == "createSalesCategory"
    assert ("SALES_CATEGORY_KEEP_DAYS=" in (root / ".env").read_text("utf-8")) is schedule
    delete("sales_category", root)
    assert state(root)[1] == ""


def test_a_feature_leaves_the_settings_of_one_whose_name_goes_on(root: Path) -> None:
    for name in ("sales", "sales_order"):
        create(feature_spec(name, fields="title:str", options=["schedule"]), root)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", f"--message={name}")
    delete("sales", root)
    settings = (root / ".env").read_text("utf-8")
    assert "SALES_ORDER_KEEP_DAYS=" in settings
    assert "\nSALES_KEEP_DAYS=" not in settings


@pytest.mark.features
@pytest.mark.parametrize(("job", "schedule"), [*itertools.product((False, True), repeat=2)])
def test_a_new_feature_is_green_at_once(root: Path, *, job: bool, schedule: bool) -> None:
    before = state(root)
    options = ["--job"] * job + ["--schedule"] * schedule
    code, said = devkit(root, "new", "feature", "invoice", "--fields", ALL_TYPES, *options)
    assert code == 0, said
    run_here(root, "-m", "mypy")
    run_here(root, "-m", "devkit", "openapi", "--check")
    tests = [
        "libs/domain/tests/invoice",
        "services/api/tests/routes/test_invoice.py",
        "services/api/tests/test_samples.py",
    ]
    run_here(root, "-m", "pytest", "-q", "-n", "2", *tests)
    code, said = devkit(root, "remove", "feature", "invoice")
    assert code == 0, said
    assert git(root, "diff", before[0], "HEAD") == ""


def test_it_is_one_commit_that_can_be_taken_back(root: Path) -> None:
    before = state(root)
    code, said = devkit(root, "new", "feature", "invoice", "--job")
    assert (code, state(root)[1]) == (0, ""), said
    assert git(root, "log", "--format=%s", f"{before[0]}..HEAD") == "feat(invoice): add invoices"
    assert run_here(root, "-m", "devkit", "openapi", "--check") == ""
    git(root, "revert", "--no-edit", "HEAD")
    assert git(root, "diff", before[0], "HEAD") == ""
    assert state(root)[2] == git(root, "worktree", "list")


def test_a_feature_that_comes_with_it_is_removed_with_what_only_it_needs(root: Path) -> None:
    code, said = devkit(root, "remove", "feature", "ipecho")
    assert code == 0, said
    assert "libs/domain/pyproject.toml: without httpx2" in said
    assert "httpx2" not in (root / "libs/domain/pyproject.toml").read_text("utf-8")
    assert "httpx2" not in (root / "requirements/api.txt").read_text("utf-8")
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
    assert "2 files are changed or new: commit them first" in said
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


@pytest.mark.parametrize("name", ["note", "api", "mongo", "job", "service", "common", "health", "conftest", "domain"])
def test_names_that_are_taken_are_refused(root: Path, name: str) -> None:
    spec = feature_spec(name, fields="title:str")
    with pytest.raises(CommandError, match=f"{name!r} is taken: "):
        create(spec, root)
    assert state(root)[1] == ""


def test_a_feature_that_is_not_there_cannot_be_removed(root: Path) -> None:
    code, said = devkit(root, "remove", "feature", "nothing")
    assert (code, "there is no feature 'nothing': there are hello, ipecho, note, report." in said) == (2, True), said
    for words in ([], ["feature"], ["folder", "x"]):
        code, said = devkit(root, "remove", *words)
        assert (code, "invoke remove feature NAME" in said) == (2, True), said
