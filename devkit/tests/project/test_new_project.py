"""Products made by the command and by copier itself, in folders of their own, from all that the starter may be."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from devkit import env, forges, ports
from devkit.feature.delete import features
from devkit.project.choice import block_of
from devkit.project.make import COPIER
from devkit.project.settle import _write_ports

from ..capabilities.remains import dangling
from ..features.copies import COLLECT, FEATURES, run, run_here
from .conftest import ORIGIN
from .starting import refusal

# As long as a name can be, with a digit where a word begins, and no word of this repository.
NAME = "q9-zebra-0-in-a-long-name-up-to-forty-ch"
KEPT = FEATURES[-2:]
# Each makes a product, which takes seconds, and asks the index that packages come from.
pytestmark = pytest.mark.features
CHOSEN = ("--features", ",".join(KEPT), "--yes")


@pytest.fixture(scope="module")
def product(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product with two of the features."""
    folder = tmp_path_factory.mktemp("product")
    run_here(starter, "-m", "devkit", "new", "project", str(folder / NAME), *CHOSEN)
    # Nothing but it is left beside it.
    assert os.listdir(folder) == [NAME]
    return folder / NAME


def contents(root: Path, *, but: str = "") -> dict[str, bytes]:
    """Return what is committed in a repository, but for one file."""
    names = run(root, "git", "ls-files", "-z").rstrip("\0").split("\0")
    return {name: (root / name).read_bytes() for name in names if name != but}


def test_a_product_has_a_history_a_version_ports_and_texts_of_its_own(product: Path) -> None:
    assert run(product, "git", "log", "--format=%s").splitlines() == [f"chore: begin {NAME}"]
    assert run(product, "git", "status", "--porcelain") == ""
    settings = env.read(product / ".env")
    assert (settings["PROJECT"], settings["VERSION"]) == (NAME, "0.1.0")
    first, numbers = block_of(NAME), sorted(int(value) for key, value in settings.items() if key.endswith("_PORT"))
    # The metrics are served on no port, unless a team wants that.
    assert numbers == [0, *range(first, first + len(numbers) - 1)] or not all(
        ports.is_free(port) for port in range(first, first + 10)
    )
    readme = (product / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {NAME}\n")
    assert f"http://localhost:{settings['API_PORT']}/docs" in readme
    assert ", ".join(KEPT) in readme
    for text in ("LICENSE", "SECURITY.md"):
        assert NAME in (product / text).read_text(encoding="utf-8")
    # Whom a report goes to is a team's own matter.
    assert "maintainers" not in (product / "SECURITY.md").read_text(encoding="utf-8")
    answers = (product / ".copier-answers.yml").read_text(encoding="utf-8")
    assert "_commit: v1.2.0\n" in answers
    assert f"project_name: {NAME}\n" in answers
    assert f'_src_path: "{ORIGIN}"\n' in answers
    assert features(product) == KEPT
    # Without another choice.
    assert [forge for forge, place in forges.PLACES.items() if (product / place).exists()] == ["github"]


def test_nothing_of_the_starter_is_left_but_the_answers(starter: Path, product: Path) -> None:
    name = env.read(starter / ".env")["PROJECT"]
    answers = ":(exclude).copier-answers.yml"
    found = subprocess.run(
        ["git", "grep", "-il", name, "--", ".", answers], cwd=product, capture_output=True, text=True
    )
    assert (found.returncode, found.stdout) == (1, "")
    for gone in (
        "CHANGELOG.md",
        "README.zh-CN.md",
        "copier.yml",
        ".ci",
        "devkit/tests/features",
        "docs/decisions",
        "tests/docs",
    ):
        assert not (product / gone).exists(), gone
    assert not [file for file in product.iterdir() if "{{" in file.name]
    # Nor a path of the machine that it was made on.
    path = subprocess.run(["git", "grep", "-lF", str(starter.parent)], cwd=product, capture_output=True, text=True)
    assert (path.returncode, path.stdout) == (1, "")
    # No port of the starter's is told where a document names an address.
    told = subprocess.run(["git", "grep", "-nE", r"(localhost|127\.0\.0\.1):800[01]", "--", "docs"], cwd=product)
    assert told.returncode == 1


def test_a_product_passes_its_own_checks(product: Path) -> None:
    for command in (("lint",), ("types",), ("lock", "--check"), ("openapi", "--check"), ("capabilities",)):
        run_here(product, "-m", "devkit", *command)
    run_here(product, *COLLECT, "-m", "", "libs", "services", "devkit", "tests")
    assert run(product, "git", "status", "--porcelain") == ""
    assert list(dangling(product)) == []


def test_documents_keep_the_ports_of_the_starter_where_no_others_are_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("http://localhost:8000/docs", encoding="utf-8")
    _write_ports(tmp_path, {})
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "http://localhost:8000/docs"


def test_the_task_repeated_changes_nothing(product: Path) -> None:
    port = env.read(product / ".env")["MONGO_PORT"]
    run_here(product, "-m", "devkit.project.settle", "update", NAME, port, json.dumps(KEPT), "[]", '["github"]', ORIGIN)
    assert run(product, "git", "status", "--porcelain") == ""


def test_copier_makes_the_same_by_itself(starter: Path, product: Path, tmp_path: Path) -> None:
    made, port = tmp_path / NAME, env.read(product / ".env")["MONGO_PORT"]
    # The block that copier computes is the one of the command, unless a port of it was taken.
    chosen = [] if int(port) == block_of(NAME) else [f"port={port}"]
    answers = [f"project_name={NAME}", f"features={json.dumps(KEPT)}", *chosen]
    data = [word for answer in answers for word in ("--data", answer)]
    copier = ("uv", "tool", "run", "--from", COPIER, "copier", "copy", "--trust", "--defaults")
    run(tmp_path, *copier, *data, str(starter), str(made))
    assert contents(made) == contents(product)
    # Nor anything that was made on the way, which git would not show.
    assert [*made.rglob("__pycache__")] == []


def test_a_block_of_which_a_port_is_taken_is_not_chosen(starter: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", block_of("q9-other") + 3))
        other.listen()
        said = run_here(starter, "-m", "devkit", "new", "project", str(tmp_path / "q9-other"), "--dry-run")
    assert f"port={block_of('q9-other')}" not in said
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "kind", ["archive", "shallow clone on another branch", pytest.param("worktree", marks=pytest.mark.whole)]
)
def test_the_starter_may_be_an_archive_a_shallow_clone_or_a_worktree(starter: Path, tmp_path: Path, kind: str) -> None:
    here = tmp_path / "here"
    if kind == "archive":
        here.mkdir()
        run(tmp_path, "bash", "-c", f"git -C {starter} archive HEAD | tar -x -C {here}")
        # Only git would tell that these are nobody else's.
        for own in (".env.local", ".data/own", "reports/own", "libs/common/.mypy_cache/own"):
            (here / own).parent.mkdir(parents=True, exist_ok=True)
            (here / own).write_text("OWN=1", encoding="utf-8")
    elif kind == "worktree":
        run(starter, "git", "worktree", "add", "--quiet", "--detach", str(here))
    else:
        run(tmp_path, "git", "clone", "--quiet", "--depth=1", f"file://{starter}", str(here))
        run(here, "git", "switch", "--quiet", "--create", "other")
    run_here(here, "-m", "devkit", "new", "project", str(tmp_path / NAME), "--yes")
    answers = (tmp_path / NAME / ".copier-answers.yml").read_text(encoding="utf-8")
    assert ("_commit:" in answers) is (kind != "archive")
    assert (f'_src_path: "{ORIGIN}"\n' in answers) is (kind != "archive")
    assert ("For updates, write the starter's here: `_src_path: ADDRESS`" in answers) is (kind == "archive")
    assert str(tmp_path) not in answers
    assert not [path for path in (tmp_path / NAME).rglob("*") if path.name in {".env.local", "own"}]
    assert run(tmp_path / NAME, "git", "log", "--format=%s").splitlines() == [f"chore: begin {NAME}"]
    if kind == "worktree":
        run(starter, "git", "worktree", "remove", "--force", str(here))


def test_a_product_makes_no_products(product: Path, tmp_path: Path) -> None:
    assert "this is a product" in refusal(product, str(tmp_path / "q9-other"), "--yes")
