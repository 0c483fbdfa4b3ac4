"""A change of many files that is made as a whole or not at all, as one commit.

It is made and committed in a worktree of its own; only then it comes here, by a fast-forward. Whatever stops it before,
this folder is as it was, and the next run begins anew.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit import ROOT
from devkit.bootstrap import install_environ
from devkit.git import asked, git, note_on_branch, uncommitted
from devkit.signals import StopRequest
from devkit.terminal import CommandError, say

_MAKE_ONE = "run `git init && git add --all && git commit -m start` first."
# The hooks of a developer look for an environment, which a worktree does not have.
WITHOUT_HOOKS = ("-c", f"core.hooksPath={os.devnull}")


def refuse_place(*, force: bool) -> None:
    """Raise CommandError where no change can be committed: without git, and with changes unless they are accepted."""
    try:
        inside = Path(git("rev-parse", "--show-toplevel")).samefile(ROOT)
        git("rev-parse", "--verify", "HEAD")
    except CommandError as error:
        raise CommandError(f"this needs a git repository with a commit: {_MAKE_ONE} ({error})") from None
    if not inside:
        raise CommandError(f"this folder is no repository of its own, but a part of another one: {_MAKE_ONE}")
    _refuse_nobody()
    if not force and (changed := uncommitted()):
        raise CommandError(f"changed or new files: {len(changed)}. Commit them first, or accept that with --force.")


def _refuse_nobody() -> None:
    """Raise CommandError when git does not know whose commit it would be."""
    if not asked("var", "GIT_COMMITTER_IDENT"):
        mend = 'run `git config user.name "Your Name"` and `git config user.email you@example.com`.'
        raise CommandError(f"git does not know who commits: {mend}")


@dataclass(frozen=True)
class Worktree:
    """A worktree, and whether its making was asked to stop."""

    path: Path
    stop: StopRequest
    python: str = sys.executable

    def run(self, *arguments: str) -> None:
        """Run a module of its Python there, with the packages there in place of those of this folder."""
        groups = ("libs/*/src", "services/*/src", "devkit/src")
        sources = [str(path) for pattern in groups for path in self.path.glob(pattern)]
        command = [self.python, "-m", *arguments]
        # The index is set in `.env.local`, which is not there.
        environ = {**install_environ(), "PYTHONPATH": os.pathsep.join(sources)}
        done = subprocess.run(command, cwd=self.path, env=environ, capture_output=True, text=True, check=False)
        self.stop.check()
        if done.returncode:
            said = done.stderr.strip()[-2000:]
            raise CommandError(f"{' '.join(arguments)} failed, so nothing was changed: {said}")

    def commit(self, message: str) -> str:
        """Commit all that was changed there, and return the commit."""
        there = ("-C", str(self.path), *WITHOUT_HOOKS)
        git(*there, "add", "--all")
        git(*there, "commit", "--quiet", "--message", message)
        self.stop.check()
        return git(*there, "rev-parse", "HEAD")


@contextmanager
def one_commit(message: str, *, dry_run: bool) -> Iterator[Worktree]:
    """Yield a worktree of the last commit; what was changed there becomes one commit here. Raises CommandError.

    In a dry run the worktree is all that is changed.
    """
    stop = StopRequest()
    with of_last_commit(stop) as tree:
        yield tree
        stop.check()
        if not dry_run:
            bring(tree.commit(message))


@contextmanager
def of_last_commit(stop: StopRequest) -> Iterator[Worktree]:
    """Yield a worktree of the last commit, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="change-") as folder:
        tree = Worktree(Path(folder).resolve() / "tree", stop)
        git("worktree", "add", "--quiet", "--detach", str(tree.path), "HEAD")
        try:
            stop.check()
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree.path))


def bring(commit: str) -> None:
    """Bring a commit that follows the last one here."""
    git(*WITHOUT_HOOKS, "merge", "--quiet", "--ff-only", commit)
    if note := note_on_branch():
        say(note)
