"""Products made by the command and by copier itself, in folders of their own: whole, refused, interrupted, killed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.capabilities.remains import dangling
from tests.features.copies import FEATURES, ROOT, SOURCES, commit, copy_without, run, run_here

from devkit import env
from devkit.feature.delete import features
from devkit.project.choice import block_of, removable
from devkit.project.make import COPIER

# As long as a name can be, with a digit where a word begins, and no word of this repository.
NAME = "q9-zebra-0-in-a-long-name-up-to-forty-ch"
KEPT = ["note", "report"]
# Each makes a product, which takes seconds, and asks the index that packages come from.
pytestmark = pytest.mark.features
CHOSEN = ("--features", ",".join(KEPT), "--yes")


@pytest.fixture(scope="module", autouse=True)
def identity() -> Iterator[None]:
    """Somebody whose commits it makes."""
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "somebody")
            patch.setenv(f"GIT_{who}_EMAIL", "somebody@example.com")
        yield


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A repository of what a commit would hold now, with one commit, a release and a changelog."""
    root = copy_without([], tmp_path_factory.mktemp("starter") / "starter")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0\n\n- of the starter\n", encoding="utf-8")
    commit(root)
    run(root, "git", "tag", "v1.2.0")
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def product(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product with two of the features."""
    folder = tmp_path_factory.mktemp("product")
    run_here(starter, "-m", "devkit", "new", "project", str(folder / NAME), *CHOSEN)
    # Nothing but it is left beside it.
    assert os.listdir(folder) == [NAME]
    return folder / NAME


def refusal(starter: Path, *arguments: str) -> str:
    """Return what a command says that is refused, which is one line."""
    done = started(starter, *arguments)
    output = done.communicate(timeout=120)[0]
    assert done.returncode in {1, 2}
    assert output.startswith("error: "), output
    assert len(output.splitlines()) == 1, output
    return output


def started(starter: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start `new project` in a process group of its own, as a shell does."""
    return subprocess.Popen(
        [sys.executable, "-m", "devkit", "new", "project", *arguments],
        cwd=starter,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(starter / name) for name in SOURCES)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def contents(root: Path, *, but: str = "") -> dict[str, bytes]:
    """Return what is committed in a repository, but for one file."""
    names = run(root, "git", "ls-files", "-z").rstrip("\0").split("\0")
    return {name: (root / name).read_bytes() for name in names if name != but}


def test_a_product_has_a_history_a_version_ports_and_texts_of_its_own(product: Path) -> None:
    assert run(product, "git", "log", "--format=%s").splitlines() == [f"chore: begin {NAME}"]
    assert run(product, "git", "status", "--porcelain") == ""
    settings = env.read(product / ".env")
    assert (settings["PROJECT"], settings["VERSION"]) == (NAME, "0.1.0")
    first, ports = block_of(NAME), sorted(int(value) for key, value in settings.items() if key.endswith("_PORT"))
    # The metrics are served on no port, unless a team wants that.
    assert ports == [0, *range(first, first + len(ports) - 1)] or taken(first)
    readme = (product / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {NAME}\n")
    assert f"http://localhost:{settings['API_PORT']}/docs" in readme
    assert "note, report" in readme
    assert NAME in (product / "LICENSE").read_text(encoding="utf-8")
    answers = (product / ".copier-answers.yml").read_text(encoding="utf-8")
    assert "_commit: v1.2.0\n" in answers
    assert f"project_name: {NAME}\n" in answers
    assert features(product) == KEPT


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
        "docs/decisions",
        "tests/docs",
        "tests/features",
    ):
        assert not (product / gone).exists(), gone
    assert not [file for file in product.iterdir() if "{{" in file.name]
    # No port of the starter's is told where a document names an address.
    told = subprocess.run(["git", "grep", "-nE", r"(localhost|127\.0\.0\.1):800[01]", "--", "docs"], cwd=product)
    assert told.returncode == 1


def test_a_product_passes_its_own_checks(product: Path) -> None:
    for command in (("lint",), ("types",), ("lock", "--check"), ("openapi", "--check"), ("capabilities",)):
        run_here(product, "-m", "devkit", *command)
    collected = ("--collect-only", "-q", "-p", "no:cacheprovider", "libs", "services", "devkit", "tests")
    run_here(product, "-m", "pytest", "-m", "", *collected)
    assert run(product, "git", "status", "--porcelain") == ""
    assert list(dangling(product)) == []


def test_copier_makes_the_same_by_itself(starter: Path, product: Path, tmp_path: Path) -> None:
    made, port = tmp_path / NAME, env.read(product / ".env")["MONGO_PORT"]
    # The block that copier computes is the one of the command, unless a port of it was taken.
    chosen = [] if int(port) == block_of(NAME) else [f"port={port}"]
    answers = [f"project_name={NAME}", 'features=["note", "report"]', *chosen]
    data = [word for answer in answers for word in ("--data", answer)]
    copier = ("uv", "tool", "run", "--from", COPIER, "copier", "copy", "--trust", "--defaults")
    run(tmp_path, *copier, *data, str(starter), str(made))
    assert contents(made) == contents(product)


def taken(first: int) -> bool:
    """Return whether something on this machine has a port of a block."""
    for port in range(first, first + 10):
        with socket.socket() as asked:
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                asked.bind(("127.0.0.1", port))
            except OSError:
                return True
    return False


def test_a_block_of_which_a_port_is_taken_is_not_chosen(starter: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", block_of("q9-other") + 3))
        other.listen()
        said = run_here(starter, "-m", "devkit", "new", "project", str(tmp_path / "q9-other"), "--dry-run")
    assert f"port={block_of('q9-other')}" not in said
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Zebra", "holds a capital"),
        ("9lives", "begins with a digit"),
        ("a b", "holds ' '"),
        ("a$b", "holds '$'"),
        ("{{ x }}", "holds '{'"),
        ("a\nb", r"holds '\n'"),
        ("z" * 200, "200 characters"),
        ("ze\N{ZEBRA FACE}bra", "holds"),
        ("class", "is a word of Python"),
        ("admin", "is a database of MongoDB's own"),
    ],
)
def test_a_name_that_cannot_be_is_told_its_rule(starter: Path, tmp_path: Path, name: str, rule: str) -> None:
    assert rule in refusal(starter, str(tmp_path / "made"), f"--name={name}", "--yes")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["report", "worker", "devkit"])
def test_a_name_that_something_here_has_is_refused(starter: Path, tmp_path: Path, name: str) -> None:
    assert f"{name!r} is a" in refusal(starter, str(tmp_path / "made"), f"--name={name}", "--yes")
    assert os.listdir(tmp_path) == []


def test_a_name_that_is_a_word_of_the_product_is_refused_by_the_task_and_nothing_is_left(
    starter: Path, tmp_path: Path
) -> None:
    done = started(starter, str(tmp_path / "made"), "--name=celery", "--yes")
    output = done.communicate(timeout=300)[0]
    assert (done.returncode, os.listdir(tmp_path)) == (1, []), output
    assert "error: 'celery' is a word that stands in " in output
    assert "Traceback" not in output, output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{}/full",), "is there already and not empty"),
        (("{}/file",), "is there already and not empty"),
        (("{}/none/made",), "is no folder: make it first"),
        (("inside",), "is inside of this repository"),
        (("{}/made", "--features", "hello,nothing"), "there is no feature 'nothing'"),
        (("{}/made", "--without", "nothing"), "there is no capability 'nothing'"),
        (("{}/made", "--port", "80"), "is not a whole number from 1024 to 65526"),
        (("{}/made", "--port", "65535"), "is not a whole number from 1024 to 65526"),
        (("{}/made", "--port", "many"), "is not a whole number from 1024 to 65526"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(
    starter: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    (tmp_path / "file").touch()
    assert said in refusal(starter, *(word.format(tmp_path) for word in arguments), "--name=q9-other", "--yes")
    assert sorted(os.listdir(tmp_path)) == ["file", "full"]


def test_a_product_makes_no_products(product: Path, tmp_path: Path) -> None:
    assert "this is a product" in refusal(product, str(tmp_path / "q9-other"), "--yes")


def test_what_is_not_committed_is_refused_and_taken_along_with_force(starter: Path, tmp_path: Path) -> None:
    mine = starter / "libs/mine.txt"
    mine.write_text("mine", encoding="utf-8")
    try:
        assert "commit them first" in refusal(starter, str(tmp_path / "q9-other"), "--yes")
        run_here(starter, "-m", "devkit", "new", "project", str(tmp_path / "q9-other"), "--yes", "--force")
    finally:
        mine.unlink()
    assert (tmp_path / "q9-other/libs/mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_an_interrupted_command_leaves_no_half_product_and_the_same_works_again(
    starter: Path, tmp_path: Path, number: signal.Signals
) -> None:
    made = tmp_path / "q9-other"
    done = started(starter, str(made), "--yes")
    unfinished = tmp_path / ".q9-other.unfinished"
    end = time.monotonic() + 120
    while not (unfinished / "q9-other/devkit").exists():
        assert done.poll() is None, done.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.05)
    # To the whole group, as a terminal sends Ctrl-C.
    os.killpg(done.pid, number)
    output = done.communicate(timeout=60)[0]
    assert done.returncode != 0
    assert not made.exists()
    if number == signal.SIGINT:
        assert (done.returncode, os.listdir(tmp_path)) == (130, []), output
        assert "Traceback" not in output, output
        return
    run_here(starter, "-m", "devkit", "new", "project", str(made), "--yes")
    assert os.listdir(tmp_path) == ["q9-other"]
    assert run(made, "git", "status", "--porcelain") == ""


@pytest.mark.parametrize("kind", ["archive", "shallow clone on another branch", "worktree"])
def test_the_starter_may_be_an_archive_a_shallow_clone_or_a_worktree(starter: Path, tmp_path: Path, kind: str) -> None:
    here = tmp_path / "here"
    if kind == "archive":
        here.mkdir()
        run(tmp_path, "bash", "-c", f"git -C {starter} archive HEAD | tar -x -C {here}")
    elif kind == "worktree":
        run(starter, "git", "worktree", "add", "--quiet", "--detach", str(here))
    else:
        run(tmp_path, "git", "clone", "--quiet", "--depth=1", f"file://{starter}", str(here))
        run(here, "git", "switch", "--quiet", "--create", "other")
    run_here(here, "-m", "devkit", "new", "project", str(tmp_path / NAME), "--yes")
    answers = (tmp_path / NAME / ".copier-answers.yml").read_text(encoding="utf-8")
    assert ("_commit:" in answers) is (kind != "archive")
    assert run(tmp_path / NAME, "git", "log", "--format=%s").splitlines() == [f"chore: begin {NAME}"]
    if kind == "worktree":
        run(starter, "git", "worktree", "remove", "--force", str(here))


def test_copier_offers_the_features_and_capabilities_that_are_there() -> None:
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    offered, default = (re.findall(rf"(?m)^  {key}: \[(.+)\]$", text) for key in ("choices", "default"))
    assert offered == default == [", ".join(FEATURES)]
    assert re.findall(r"(?m)^    - ([a-z]+)$", text) == removable(ROOT)
