"""What follows from a merge: steps of the update, locks and documents made anew, and the commit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from devkit.git import git
from devkit.terminal import say
from devkit.update.merge import LOCKS, changed
from devkit.worktree import Worktree

_STEPS = "devkit/src/devkit/update/steps"


def finish(tree: Worktree, new: str, message: str) -> str:
    """Finish what was merged in a worktree, by the toolbox that was merged; return the commit."""
    say("installing what the new version needs, beside this folder ...")
    # By the starter's locks, which are sure to be whole; the merged ones may not be, before they are made anew.
    merged = {path: path.read_bytes() for path in (tree.path / LOCKS).glob("*.txt")}
    git("-C", str(tree.path), "checkout", new, "--", LOCKS)
    tree.run("invoke", "install")
    for path, content in merged.items():
        path.write_bytes(content)
    own = replace(tree, python=str(tree.path / ".venv/bin/python"))
    say("making the locks anew ...")
    # This brings the environment up to date, too.
    own.run("devkit", "lock")
    if names := steps(new):
        say(f"changing what is yours for the new version: {', '.join(names)}")
        own.run("devkit.update.steps", *names)
    say("making the documents of the API anew ...")
    own.run("devkit", "openapi")
    if not git("-C", str(tree.path), "status", "--porcelain"):
        return git("-C", str(tree.path), "rev-parse", "HEAD")
    return tree.commit(message)


def steps(new: str) -> list[str]:
    """Return the steps that came with an update: those that the older toolbox did not have."""
    return sorted(Path(path).stem for path in changed("--diff-filter=A", f"{new}^", new, "--", f"{_STEPS}/[0-9]*.py"))
