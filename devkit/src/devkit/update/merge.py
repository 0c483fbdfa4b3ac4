"""The merge: what the starter has changed since this product was made from it, into what the team has made of it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from devkit import ROOT, answers, deletion
from devkit.git import asked, git
from devkit.history import STARTER as ANSWERS
from devkit.project.source import source_line
from devkit.terminal import CommandError
from devkit.worktree import WITHOUT_HOOKS, Worktree

# What is the team's alone, and stays as it is.
KEPT = ("README.md", "LICENSE", "SECURITY.md", "CHANGELOG.md")
# What is made from the rest, after it was merged.
DOCUMENTS = ("docs/openapi.json", "docs/api.md", "docs/api")
LOCKS = "requirements"
_VERSION = re.compile(rb"(?m)^VERSION=.*$")
_SOURCE = re.compile(r"(?m)^(?:_src_path:.*|# Made from a folder that has no address.*)\n(?: .*\n)*")
# Where two versions of a lock differ, the starter's counts; the team's own dependencies are resolved afterwards.
_ANEW = ("-c", "merge.anew.driver=git merge-file --quiet --theirs %A %O %B")
# What the developer's git would do besides.
_PLAIN = ("-c", "rerere.enabled=false")


def difference(old: Path, new: Path, tree: Worktree, message: str) -> str:
    """Commit a product and then another one, on no branch; return the second commit.

    The worktree is used for its index, and is as it was afterwards.
    """
    present = (ROOT / ANSWERS).read_text(encoding="utf-8")
    (new / ANSWERS).write_text(answers_at_new_version(new), encoding="utf-8")
    (old / ANSWERS).write_text(present, encoding="utf-8")
    commit = ""
    for product in (old, new):
        _take_own(product)
        there = ("-C", str(product), "--git-dir", git("-C", str(tree.path), "rev-parse", "--absolute-git-dir"))
        # As its own .gitignore says; what was made on the way, such as bytecode, is no part of it.
        git(*there, "--work-tree", str(product), "-c", f"core.excludesFile={os.devnull}", "add", "--all", ".")
        made = git(*there, "write-tree")
        commit = git("commit-tree", made, "-m", message, *["-p", commit] * bool(commit))
    git("-C", str(tree.path), "reset", "--quiet", "--hard", "HEAD")
    return commit


def answers_at_new_version(new: Path) -> str:
    """Return the answers of the new product, with the address of the starter that stands in those of this one.

    They hold the new version already, so that the update takes it along.
    """
    text = _SOURCE.sub("", (new / ANSWERS).read_text(encoding="utf-8"))
    source = source_line(str(answers.read(ROOT).get("_src_path") or ""))
    return answers.with_lines(text, "_commit", f"_commit: {answers.read(new)['_commit']}\n{source}")


def _take_own(product: Path) -> None:
    """Give a product what is the team's alone, so that it is the same in both, and no change."""
    for name in (*KEPT, *DOCUMENTS):
        deletion.delete(product / name, product)
        (product / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, product / name)
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, product / name)
    version = _VERSION.search((ROOT / ".env").read_bytes())
    settings = (product / ".env").read_bytes()
    (product / ".env").write_bytes(_VERSION.sub(lambda own: version[0] if version else own[0], settings))


def merge(commit: str, root: Path, *options: str) -> dict[str, str]:
    """Take the change of a commit into a folder; return its conflicts, as git's two letters by path."""
    with tempfile.TemporaryDirectory(prefix="merge-") as folder:
        attributes = Path(folder, "attributes")
        attributes.write_text(f"/{LOCKS}/*.txt merge=anew\n", encoding="utf-8")
        configured = (*WITHOUT_HOOKS, *_PLAIN, *_ANEW, "-c", f"core.attributesFile={attributes}")
        try:
            git("-C", str(root), *configured, "cherry-pick", *options, commit)
        except CommandError:
            if not (found := conflicts(root)):
                raise
            return found
    return {}


def conflicts(root: Path) -> dict[str, str]:
    """Return what is not merged in a folder, as git's two letters by path."""
    entries = git("-C", str(root), "status", "--porcelain", "-z", "--no-renames").split("\0")
    return {entry[3:]: entry[:2] for entry in entries if "U" in entry[:2] or entry[:2] in ("AA", "DD")}


def changed(*between: str) -> list[str]:
    """Return the paths that differ, as `git diff` is asked for them."""
    named = git("diff", "--name-only", "--no-renames", "-z", *between)
    return [name for name in named.split("\0") if name]


def marked(paths: Iterable[str]) -> list[str]:
    """Return those of some files here in which git's marks of a conflict still stand."""
    there = [path for path in paths if os.path.isfile(ROOT / path)]
    return asked("grep", "-lE", "^(<{7}|>{7}) ", "--", *there).splitlines() if there else []


def staged() -> str:
    """Stage all that was changed here, and return what a commit would hold."""
    git("add", "--all")
    return git("write-tree")


def what_to_do(letters: str, path: str) -> str:
    """Return how a conflict is solved."""
    if letters in ("DU", "UD"):
        gone, here = ("you", "the starter") if letters == "DU" else ("the starter", "you")
        return f"{gone} deleted it, and {here} changed it: `git rm {path}` or `git add {path}`"
    return f"both changed it: solve the marked places, then `git add {path}`"


def names(paths: Sequence[str], below: str) -> list[str]:
    """Return the paths that lie below a folder."""
    return [path for path in paths if path.startswith(f"{below}/")]
