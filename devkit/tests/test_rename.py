"""Renames in a repository of their own, by the real git; interrupted, killed, refused, and in odd states of git."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import GIT, ROOT, commit, eventually, git, private_environ, release, run_in, state
from .test_release_undo import HOOK, hook

NEW = "q-zebra-9"
OLD = next(line for line in (ROOT / ".env").read_text().splitlines() if line.startswith("PROJECT="))[8:]

# Where people are told the product's name.
TEXTS = ["LICENSE", *sorted(path.name for path in ROOT.glob("README*.md"))]


@pytest.fixture
def starter(repository: Path) -> Path:
    """A clone of the starter, with its texts for people, a changelog, and a release of its own."""
    for name in TEXTS:
        shutil.copy(ROOT / name, repository)
    (repository / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0\n\n- of the starter\n")
    git(repository, "add", "--all")
    commit(repository, "docs: for people")
    git(repository, "tag", "v0.1.0")
    git(repository, "tag", "v0.2.0")
    commit(repository, "feat: count what the starter counts")
    return repository


def rename(root: Path, *arguments: str, name: str = NEW) -> subprocess.CompletedProcess[str]:
    return run_in(root, "-m", "devkit", "rename", name, *arguments, **GIT)


def refusal(root: Path, *arguments: str, name: str = NEW) -> str:
    """The one clear line of a rename that is refused, and has changed nothing."""
    before = state(root)
    done = rename(root, *arguments, name=name)
    assert done.returncode == 1, done.stdout
    assert state(root) == before
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in done.stderr
    return line


def name_in(root: Path) -> str:
    return git(root, "grep", "--no-line-number", "-h", "^PROJECT=", "--", ".env").partition("=")[2]


def test_a_rename_is_one_commit_that_a_revert_takes_back(starter: Path) -> None:
    before, files = git(starter, "rev-parse", "HEAD"), state(starter)["files"]
    done = rename(starter, "--yes")
    assert done.returncode == 0, done.stderr
    assert git(starter, "log", "--format=%s", f"{before}..") == f"chore: rename {OLD} to {NEW}"
    changed = git(starter, "diff", "--name-status", "HEAD~1").split("\n")
    written = [
        "A\t.copier-answers.yml",
        "M\t.env",
        "D\tCHANGELOG.md",
        *(f"M\t{name}" for name in TEXTS),
    ]
    assert changed == written
    assert git(starter, "status", "--porcelain") == ""
    assert name_in(starter) == NEW
    assert (starter / "README.md").read_text().startswith(f"# {NEW}\n")
    assert OLD not in git(starter, "grep", "-i", "-l", "-F", "-e", NEW).split("\n")
    assert not (starter / ".replacement").exists()
    for said in (
        "`git revert ",
        ".data/",
        ".env.local",
        "README.md, LICENSE and SECURITY.md",
    ):
        assert said in done.stdout
    git(starter, "revert", "--no-edit", "HEAD")
    assert state(starter)["files"] == files


def test_what_it_was_made_from_is_told_by_an_address_without_an_account_or_not_at_all(starter: Path) -> None:
    git(starter, "remote", "set-url", "origin", "https://somebody:secret@git.example/starter.git")
    assert rename(starter, "--yes").returncode == 0
    answers = starter / ".copier-answers.yml"
    assert '\n_src_path: "https://git.example/starter.git"\n' in answers.read_text()
    git(starter, "reset", "--hard", "--quiet", "HEAD~1")
    git(starter, "remote", "set-url", "origin", str(starter.parent))
    assert rename(starter, "--yes").returncode == 0
    assert "\n_src_path" not in answers.read_text()
    assert str(starter.parent) not in answers.read_text()
    assert "For updates, write the starter's here: `_src_path: ADDRESS`" in answers.read_text()


def test_a_second_rename_keeps_where_the_product_begins_and_its_changelog(starter: Path) -> None:
    assert rename(starter, "--yes").returncode == 0
    (starter / "CHANGELOG.md").write_text(f"# Changelog\n\n- of {NEW}\n")
    git(starter, "add", "--all")
    commit(starter, "docs: a changelog")
    begun = (starter / ".copier-answers.yml").read_text()
    assert rename(starter, "--yes", name="q-other").returncode == 0
    assert (starter / ".copier-answers.yml").read_text() == begun
    assert (starter / "CHANGELOG.md").read_text() == f"# Changelog\n\n- of {NEW}\n"
    assert git(starter, "diff", "--name-only", "HEAD~1").split() == [".env", *TEXTS]


def test_a_dry_run_shows_everything_and_changes_nothing(starter: Path) -> None:
    before = state(starter)
    done = rename(starter, "--dry-run")
    assert (done.returncode, state(starter)) == (0, before)
    for said in ("writes .env", "deletes CHANGELOG.md", f"commits chore: rename {OLD} to {NEW}", "Nothing was changed"):
        assert said in done.stdout


def test_it_asks_on_a_terminal_only(starter: Path) -> None:
    assert "repeat with --yes" in refusal(starter)


@pytest.mark.parametrize(("answer", "renamed"), [("n", False), ("", False), ("y", True)])
def test_a_person_is_asked_and_only_a_yes_renames(starter: Path, answer: str, renamed: bool) -> None:  # noqa: FBT001 - a parameter
    before, (terminal, end) = state(starter), pty.openpty()
    os.write(terminal, f"{answer}\n".encode())
    command, environ = [sys.executable, "-m", "devkit", "rename", NEW], {**private_environ(starter), **GIT}
    done = subprocess.run(command, cwd=starter, env=environ, stdin=end, capture_output=True, text=True)
    os.close(terminal)
    os.close(end)
    assert f"Rename {OLD} to {NEW}? [y/N]" in done.stdout
    assert (done.returncode == 0, state(starter) != before) == (renamed, renamed)
    assert ("nothing was changed" in done.stderr) is not renamed


def test_the_present_name_is_nothing_to_do(starter: Path) -> None:
    before = state(starter)
    done = rename(starter, "--yes", name=OLD)
    assert (done.returncode, "nothing to do" in done.stderr, state(starter)) == (0, True, before)


@pytest.mark.parametrize(
    ("name", "rule"),
    [("", "is empty"), ("Zebra", "holds a capital"), ("a\nb", r"holds '\n'"), ("{{x}}", "holds '{'")],
)
def test_a_bad_name_is_told_its_rule(starter: Path, name: str, rule: str) -> None:
    assert rule in refusal(starter, "--yes", name=name)


def test_what_is_not_committed_is_refused_and_with_force_kept_apart(starter: Path) -> None:
    (starter / "new.txt").write_text("")
    with (starter / "docs" / "release.md").open("a") as stream:
        stream.write("more\n")
    git(starter, "add", "docs/release.md")
    assert "not everything is committed: docs/release.md, new.txt: " in refusal(starter, "--yes")
    assert rename(starter, "--yes", "--force").returncode == 0
    assert git(starter, "status", "--porcelain").split("\n") == ["M  docs/release.md", "?? new.txt"]
    assert "docs/release.md" not in git(starter, "diff", "--name-only", "HEAD~1", "HEAD").split()


def test_a_change_of_the_settings_is_not_committed_by_the_way_also_with_force(starter: Path) -> None:
    with (starter / ".env").open("a") as stream:
        stream.write("# mine\n")
    assert "not everything is committed: .env: " in refusal(starter, "--yes", "--force")


def test_a_name_in_the_local_settings_that_would_win_is_told(starter: Path) -> None:
    (starter / ".env.local").write_text("MONGO_DATABASE=mine\n")
    assert "MONGO_DATABASE in it win over the new name" in rename(starter, "--dry-run").stdout


def test_an_archive_without_history_says_what_is_needed_and_is_renamed_with_force(starter: Path) -> None:
    shutil.rmtree(starter / ".git")
    done = rename(starter, "--yes")
    assert (done.returncode, "git init" in done.stderr) == (1, True)
    done = rename(starter, "--yes", "--force")
    assert done.returncode == 0, done.stderr
    assert f"PROJECT={NEW}\n" in (starter / ".env").read_text()
    assert not (starter / ".copier-answers.yml").exists()


def test_a_machine_without_git_says_what_is_needed(starter: Path) -> None:
    done = run_in(starter, "-m", "devkit", "rename", NEW, "--yes", PATH="/nowhere")
    assert (done.returncode, "--force" in done.stderr) == (1, True)


def test_a_shallow_clone_works(starter: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{starter}", str(shallow))
    identify(shallow)
    assert rename(shallow, "--yes").returncode == 0
    assert name_in(shallow) == NEW


def test_a_commit_on_no_branch_works_and_is_told_how_it_is_kept(starter: Path) -> None:
    git(starter, "switch", "--quiet", "--detach")
    assert "git switch --create" in rename(starter, "--yes").stdout
    assert git(starter, "log", "-1", "--format=%s") == f"chore: rename {OLD} to {NEW}"


def test_a_submodule_and_a_folder_of_another_repository_work(starter: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    identify(outer)
    allowed = ("-c", "protocol.file.allow=always")
    git(outer, *allowed, "submodule", "--quiet", "add", str(starter), "inner")
    shutil.copytree(starter, outer / "folder", ignore=shutil.ignore_patterns(".git"))
    git(outer, "add", "--all")
    commit(outer, "feat: both")
    identify(outer / "inner")
    for root in (outer / "inner", outer / "folder"):
        done = rename(root, "--yes")
        assert done.returncode == 0, done.stderr
        assert name_in(root) == NEW
    assert git(outer, "status", "--porcelain") == "M inner"


def identify(root: Path) -> None:
    for key, value in (("user.name", "Ada Somebody"), ("user.email", "ada@work.example")):
        git(root, "config", key, value)


def test_a_hook_that_refuses_the_commit_leaves_everything_as_it_was(starter: Path) -> None:
    hook(starter, "commit-msg", "#!/bin/sh\necho the hook says no >&2\nexit 1\n")
    assert "the hook says no" in refusal(starter, "--yes")


def test_a_full_disk_leaves_everything_as_it_was(starter: Path) -> None:
    before = state(starter)
    command = f"ulimit -f 0; exec {sys.executable} -m devkit rename {NEW} --yes"
    environ = {**private_environ(starter), **GIT}
    done = subprocess.run(["bash", "-c", command], cwd=starter, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert state(starter) == before


def stop_when(waiting: Path, number: signal.Signals, root: Path, **environ: str) -> int:
    """Send a signal to a rename as soon as a file tells that it waits, and return its exit code."""
    command = [sys.executable, "-m", "devkit", "rename", NEW, "--yes"]
    environ = {**private_environ(root), **GIT, **environ}
    process = subprocess.Popen(command, cwd=root, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not waiting.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(number)
        (waiting.parent / "go").touch()
        return process.wait(30)
    finally:
        process.kill()
        process.wait()


@pytest.mark.integration
def test_an_interrupt_in_the_commit_leaves_everything_as_it_was(starter: Path) -> None:
    hook(starter, "reference-transaction", HOOK.format(ref="refs/heads/main"))
    before = state(starter)
    assert stop_when(starter / ".git" / "waiting", signal.SIGINT, starter) == 130
    assert state(starter) == before


# A git whose commits wait, and then fail or succeed.
WAITING_GIT = """#!/bin/sh
if [ "$1" = commit ]; then
    touch {folder}/waiting
    while [ ! -e {folder}/go ]; do sleep 0.05; done
    {verdict} "$@"
    code=$?
    touch {folder}/ended
    exit $code
fi
exec {git} "$@"
"""


@pytest.mark.integration
@pytest.mark.parametrize("committed", [True, False], ids=["committed", "not committed"])
def test_after_a_killed_run_the_same_command_works(starter: Path, tmp_path: Path, committed: bool) -> None:  # noqa: FBT001 - a parameter
    before, real = git(starter, "rev-parse", "HEAD"), shutil.which("git")
    folder = tmp_path / "programs"
    folder.mkdir()
    verdict = real if committed else "false"
    (folder / "git").write_text(WAITING_GIT.format(folder=folder, git=real, verdict=verdict))
    (folder / "git").chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    assert stop_when(folder / "waiting", signal.SIGKILL, starter, PATH=path) == -signal.SIGKILL
    eventually((folder / "ended").exists)
    assert name_in(starter) == NEW
    assert (starter / ".replacement").exists()
    done = rename(starter, "--yes")
    assert done.returncode == 0, done.stderr
    assert git(starter, "log", "--format=%s", f"{before}..") == f"chore: rename {OLD} to {NEW}"
    assert git(starter, "status", "--porcelain") == ""
    assert not (starter / ".replacement").exists()


def test_the_changelog_and_the_tags_of_a_product_are_its_own(starter: Path) -> None:
    assert rename(starter, "--yes").returncode == 0
    assert "nothing to release" in release(starter).stderr
    commit(starter, "feat: count what the product counts")
    assert "the tag v0.2.0 is the starter's: `git tag --delete v0.2.0`" in release(starter, "--dry-run").stderr
    git(starter, "tag", "--delete", "v0.2.0")
    first = release(starter, "--dry-run").stdout
    assert "### Features\n\n- count what the product counts\n" in first
    assert "starter" not in first
    git(starter, "tag", "--annotate", "v0.2.0", "--message", "the product's")
    commit(starter, "fix: count better")
    second = release(starter, "--dry-run", "--version", "0.3.0").stdout
    assert "### Fixes\n\n- count better\n" in second
    assert "counts" not in second


def test_the_starter_lists_all_of_its_own_commits(starter: Path) -> None:
    git(starter, "tag", "--delete", "v0.1.0", "v0.2.0")
    said = release(starter, "--dry-run").stdout
    for each in ("- report: count words\n", "- for people\n", "- count what the starter counts\n"):
        assert each in said


def test_a_product_with_a_fresh_history_begins_with_its_first_commit(starter: Path) -> None:
    shutil.rmtree(starter / ".git")
    (starter / ".copier-answers.yml").write_text("_commit: 0123456\n")
    git(starter, "init", "--quiet", "--initial-branch", "main")
    identify(starter)
    git(starter, "add", "--all")
    commit(starter, "feat: everything that was generated")
    commit(starter, "feat: count what the product counts")
    said = release(starter, "--dry-run").stdout
    assert "- count what the product counts\n" in said
    assert "generated" not in said
