"""A release that fails or is interrupted, by real signals and real hooks, leaves the repository as it was."""

import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from devkit.signals import Interrupted, StopRequest
from devkit.steps import Step, perform
from devkit.terminal import CommandError

from .conftest import GIT, commit, git, private_environ, release, state

# Waits inside the change of a ref, git's last act of a commit and of a tag, until the test lets it go on.
HOOK = """#!/bin/sh
[ "$1" = prepared ] && grep -q {ref} || exit 0
touch .git/waiting
while [ ! -e .git/go ]; do sleep 0.05; done
"""


def hook(root: Path, name: str, text: str) -> None:
    path = root / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.integration
@pytest.mark.parametrize("step", ["changelog", "documents", "commit", "tag"])
def test_a_step_that_fails_leaves_everything_as_it_was(repository: Path, step: str) -> None:
    if step == "changelog":
        (repository / "CHANGELOG.md").write_bytes(b"\xff\n")
    elif step == "documents":
        for sample in (repository / "docs" / "samples" / "health").iterdir():
            sample.write_text("{")
    elif step == "commit":
        hook(repository, "commit-msg", "#!/bin/sh\necho the hook says no >&2\nexit 1\n")
    else:
        git(repository, "tag", "v0.2.0/in-the-way")
    if step in ("changelog", "documents"):
        git(repository, "add", "--all")
        commit(repository, "docs: break it")
    before = state(repository)
    done = release(repository)
    assert done.returncode == 1
    assert "taking back" in done.stderr
    assert "could not be taken back" not in done.stderr
    assert state(repository) == before


def interrupt(root: Path, number: signal.Signals, ready: Path, *, checks: str = "true") -> str:
    """Send a signal to a release as soon as a file is there, let it go on, and return what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "devkit", "release", "--no-build", "--checks", checks],
        cwd=root,
        env={**private_environ(root), **GIT},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(number)
        (root / ".git" / "go").touch()
        said = process.communicate(timeout=30)[1]
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "interrupted" in said
    return said


@pytest.mark.integration
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_ends_the_checks_too_and_nothing_is_released(
    repository: Path, tmp_path: Path, number: signal.Signals
) -> None:
    before = state(repository)
    script = tmp_path / "checks.sh"
    script.write_text(
        f"trap 'touch {tmp_path}/stopped; exit 1' INT\ntouch {tmp_path}/runs\nwhile :; do sleep 0.1; done\n"
    )
    interrupt(repository, number, tmp_path / "runs", checks=f"bash {script}")
    assert (tmp_path / "stopped").exists()
    assert state(repository) == before


@pytest.mark.integration
@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/v0.2.0"])
def test_an_interrupt_in_the_commit_or_the_tag_leaves_everything_as_it_was(repository: Path, ref: str) -> None:
    hook(repository, "reference-transaction", HOOK.format(ref=ref))
    before = state(repository)
    said = interrupt(repository, signal.SIGINT, repository / ".git" / "waiting")
    assert "taking back" in said
    assert state(repository) == before


@pytest.mark.integration
def test_an_interrupt_while_the_files_are_written_leaves_everything_as_it_was(repository: Path) -> None:
    before = state(repository)
    interrupt(repository, signal.SIGINT, repository / "CHANGELOG.md")
    assert state(repository) == before


@pytest.mark.parametrize("failing", range(4))
def test_steps_are_taken_back_in_reverse_the_failed_one_first(failing: int) -> None:
    done: list[str] = []

    def do(number: int) -> None:
        done.append(f"do {number}")
        if number == failing:
            raise OSError("no space left")

    def undo(number: int) -> None:
        done.append(f"undo {number}")

    steps = [Step(f"step {number}", partial(do, number), partial(undo, number)) for number in range(4)]
    with pytest.raises(OSError, match="no space left"):
        perform(steps, StopRequest(install=False))
    assert done == [f"do {n}" for n in range(failing + 1)] + [f"undo {n}" for n in range(failing, -1, -1)]


def test_a_step_that_cannot_be_taken_back_keeps_none_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    stop, undone = StopRequest(install=False), []

    def refuse() -> None:
        raise CommandError("it is gone")

    def interrupted() -> None:
        stop.count += 1

    steps = [Step("first", bool, lambda: undone.append(1)), Step("second", interrupted, refuse)]
    with pytest.raises(Interrupted):
        perform(steps, stop)
    assert undone == [1]
    assert "`second` could not be taken back: it is gone" in capsys.readouterr().err
