"""What must hold of a copy from which capabilities were removed."""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.docs.test_links import anchors, without_blocks

from devkit.capability.declaration import Capability
from devkit.capability.delete import texts

from ..features.copies import COLLECT, ROOT, commit, copy_without, run, run_here

# Asked of a copy: every module of its packages is there and can be imported.
IMPORT_ALL = """
import importlib, pkgutil
from pathlib import Path
for package in (path.name for group in ("libs", "services", "devkit") for path in Path(group).glob("**/src/*")):
    for info in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if info.name.rpartition(".")[2] != "__main__":
            importlib.import_module(info.name)
"""
# Records of what was, and why: what is gone may stand there. Nothing else may say a word of it.
# So may the names of packages of others in a lock of npm.
HISTORY = re.compile(r"docs/decisions/|CHANGELOG\.md$|.*\bpackage-lock\.json$")


def repository(folder: Path) -> Path:
    """Return a copy of this repository with one commit."""
    root = copy_without([], folder)
    commit(root)
    return root


def tracked(root: Path) -> list[str]:
    """Return the paths of the committed files of a copy."""
    return run(root, "git", "ls-files", "-z").rstrip("\0").split("\0")


@cache
def committed_texts() -> list[tuple[str, str]]:
    """Return the committed files of this repository that are text and no history, with their paths."""
    names = set(tracked(ROOT))
    return [(path, text) for path, text in texts(ROOT) if path in names]


def mentions(root: Path, removed: Iterable[Capability]) -> Iterator[str]:
    """Yield the lines of committed files, and their names, that speak of what was removed."""
    words = [re.compile(word) for capability in removed for word in capability.words]
    for name in tracked(root):
        if not HISTORY.match(name):
            lines = (root / name).read_bytes().decode(errors="replace").splitlines()
            for number, line in enumerate([name, *lines]):
                if any(word.search(line) for word in words):
                    yield f"{name}:{number}: {line.strip()[:150]}"


def dangling(root: Path) -> Iterator[str]:
    """Yield the links of documents that lead nowhere."""
    for name in tracked(root):
        if name.endswith(".md"):
            page = root / name
            for link in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page.read_text("utf-8"))):
                path, _, anchor = link.partition("#")
                target = page.parent / path if path else page
                if not re.match(r"[a-z]+:", link) and not (
                    target.exists() and (not anchor or anchor in anchors(target))
                ):
                    yield f"{name}: {link}"


def check(root: Path) -> None:
    """Fail unless lint, types, locks, the documents of the API, all imports and all tests of a copy are in order."""
    run_here(root, "-m", "devkit", "lint")
    run_here(root, "-m", "mypy")
    run_here(root, "-m", "devkit", "lock", "--check")
    run_here(root, "-m", "devkit", "openapi", "--check")
    run_here(root, "-c", IMPORT_ALL)
    run_here(root, *COLLECT, "-m", "")
    # As nox itself reads it, with the toolbox of the copy.
    run(root, Path(sys.executable).with_name("nox"), "--list-sessions")
