"""Git at the root of the repository."""

from __future__ import annotations

import subprocess

from devkit import ROOT
from devkit.terminal import CommandError


def git(*arguments: str) -> str:
    """Return what a git command prints. Raises CommandError with what it complains of."""
    try:
        # In a session of its own: Ctrl-C is noted by the command that runs here, and git does nothing by half.
        done = subprocess.run(
            ("git", *arguments),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise CommandError("git was not found: install it.") from None
    if done.returncode:
        raise CommandError(f"`git {arguments[0]}` failed: {(done.stderr or done.stdout).strip()}")
    # Only the end: a line of `git status` may begin with a space.
    return done.stdout.rstrip()


def asked(*arguments: str) -> str:
    """Return what a git command prints; empty when it fails, as where there is no git or no repository."""
    try:
        return git(*arguments)
    except CommandError:
        return ""


def note_on_branch() -> str:
    """Return what is to be said of a commit that was made here; empty where it is on a branch."""
    on_branch = asked("symbolic-ref", "--quiet", "HEAD")
    return "" if on_branch else "The commit is on no branch: `git switch --create NAME` keeps it."


def tracked() -> list[str]:
    """Return the paths of the committed files, relative to the root; none where there is no repository."""
    return [name for name in asked("ls-files", "-z").split("\0") if name]


def uncommitted() -> list[str]:
    """Return the paths of what is not committed below the root, relative to it, untracked files included."""
    options = ("--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=none")
    inside = len(git("rev-parse", "--show-prefix"))
    return [entry[3:][inside:] for entry in git("status", *options, "--", ".").split("\0") if entry]
