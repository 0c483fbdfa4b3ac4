"""`invoke pin`: tags of others become what they stand for; what cannot be asked about is listed and stays."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from devkit import pin
from devkit.forges.pinning import commit_of
from devkit.mention import AskError, Mention

from .away import dead_proxy
from .conftest import GIT, git, run_in

WORKFLOW = """jobs:
  test:
    steps:
      - uses: actions/checkout@v5
        with: {persist-credentials: false}
      - uses: actions/setup-python@v6
      - name: ours
        uses: team/tools/cache@v1 # kept
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A repository of others with a release, an annotated tag and a branch."""
    made = tmp_path / "server" / "actions" / "checkout"
    made.mkdir(parents=True)
    git(made, "init", "--quiet", "--initial-branch", "main")
    for key, value in (("user.name", "Ada Somebody"), ("user.email", "ada@work.example"), ("commit.gpgsign", "false")):
        git(made, "config", key, value)
    git(made, "commit", "--quiet", "--allow-empty", "--message", "one")
    git(made, "tag", "v5")
    git(made, "tag", "--annotate", "v5.1", "--message", "annotated")
    git(made, "commit", "--quiet", "--allow-empty", "--message", "two")
    return made


@pytest.mark.parametrize(("tag", "commit"), [("v5", "HEAD~1"), ("v5.1", "HEAD~1"), ("main", "HEAD")])
def test_a_tag_is_the_commit_that_it_stands_for(published: Path, tag: str, commit: str) -> None:
    assert commit_of(f"file://{published}", tag) == git(published, "rev-parse", commit)


def test_a_tag_that_is_not_there_is_not_invented(published: Path) -> None:
    with pytest.raises(AskError, match="has no tag v9"):
        commit_of(f"file://{published}", "v9")


def test_a_repository_that_is_out_of_reach_is_told(tmp_path: Path) -> None:
    with pytest.raises(AskError, match="none"):
        commit_of(f"file://{tmp_path}/none", "v5")


def answering(answer: str = "", *, problem: str = "away") -> Callable[[], str]:
    def ask() -> str:
        if answer:
            return answer
        raise AskError(problem)

    return ask


def test_what_is_mentioned_twice_is_asked_about_once_and_told_with_both_places(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("x")
        raise AskError("away")

    assert pin.ask([Mention(name, 0, "x:1", is_pinned=False, ask=ask) for name in ("a.yml", "b.yml")]) == {}
    assert asked == ["x"]
    assert capsys.readouterr().err == "UNPINNED: x:1 in a.yml, b.yml: away\n"


def test_what_is_pinned_already_stays_pinned_where_nobody_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert pin.ask([Mention("a.yml", 0, "x@0", is_pinned=True, ask=answering())]) == {}
    assert capsys.readouterr().err == "stays as it is: x@0 in a.yml: away\n"


def workflow(clone: Path, text: str = WORKFLOW) -> Path:
    """Make a product of a copy, with a workflow of its own: what the toolbox brings is not the product's."""
    (clone / "devkit/src/devkit/capability/declared/starter.toml").unlink(missing_ok=True)
    path = clone / ".github" / "workflows" / "ci.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def in_clone(clone: Path, server: Path) -> subprocess.CompletedProcess[str]:
    """Pin the actions of a copy, as a server of this machine knows them."""
    program = (
        "import sys; from devkit import check, pin; from devkit.forges import pinning;"
        "names = [name for name in check.source_files() if name.startswith('.github/')];"
        "found = list(pinning.mentions(names, sys.argv[1]));"
        "answers = pin.ask(found); pin.write([each for each in found if each.text in answers], answers)"
    )
    return run_in(clone, "-c", program, f"file://{server}", **GIT)


def test_an_action_is_written_as_its_commit_with_its_tag_beside_it_and_others_stay(
    clone: Path, published: Path
) -> None:
    path = workflow(clone)
    done = in_clone(clone, published.parents[1])
    assert done.returncode == 0, done.stderr
    commit = git(published, "rev-parse", "v5")
    assert path.read_text() == WORKFLOW.replace("actions/checkout@v5", f"actions/checkout@{commit} # v5")
    assert "UNPINNED: actions/setup-python@v6 in .github/workflows/ci.yml: " in done.stderr
    # The tag moves, and is followed.
    git(published, "tag", "--force", "v5", "HEAD")
    assert in_clone(clone, published.parents[1]).returncode == 0
    assert f"actions/checkout@{git(published, 'rev-parse', 'HEAD')} # v5\n" in path.read_text()


def test_where_nobody_can_be_asked_all_is_listed_nothing_is_written_and_the_command_fails(clone: Path) -> None:
    path = workflow(clone)
    before = path.read_bytes(), (clone / ".env").read_bytes()
    done = run_in(clone, "-m", "devkit", "pin", **{**GIT, **dead_proxy()})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in ("actions/checkout@v5", "actions/setup-python@v6", "team/tools/cache@v1 # kept"):
        assert f"UNPINNED: {name} in .github/workflows/ci.yml: " in done.stderr
    assert "stay unpinned" in done.stderr
    assert (path.read_bytes(), (clone / ".env").read_bytes()) == before


def test_a_commit_without_a_tag_beside_it_is_pinned_and_nobody_is_asked(clone: Path, tmp_path: Path) -> None:
    workflow(clone, f"      - uses: actions/checkout@{'0' * 40}\n")
    done = in_clone(clone, tmp_path / "none")
    assert (done.returncode, done.stderr) == (0, "")
