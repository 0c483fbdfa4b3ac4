"""What follows when a part of the project is deleted: unused dependencies, locks, the documents of the API."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.worktree import Worktree

_UNUSED = "DEP002"
_COMPILED = shutil.ignore_patterns("__pycache__")


@contextmanager
def followed(tree: Worktree) -> Iterator[list[str]]:
    """Make what follows from what is deleted meanwhile in a worktree: dependencies, locks, the documents of the API.

    Yields a list, which then gets a line for people about each package that needs less.
    """
    changed: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        before = Path(scratch)
        own_before = _packages(tree.path)
        for folder in own_before.values():
            shutil.copytree(tree.path / folder / "src", before / folder / "src", ignore=_COMPILED)
            shutil.copy(tree.path / folder / "pyproject.toml", before / folder)
        yield changed
        own = _packages(tree.path)
        # A package of which no module changes needs what it needed; to ask takes a second for each.
        for folder in sorted(own.values()):
            if _modules(tree.path / folder) != _modules(before / folder):
                known = _unused(before / folder, own_before)
                if new := [name for name in _unused(tree.path / folder, own) if name not in known]:
                    _drop(tree.path / folder / "pyproject.toml", new)
                    changed.append(f"{folder}/pyproject.toml: without {', '.join(new)}")
    tree.run("devkit", "lock")
    tree.run("devkit", "openapi")


def _packages(root: Path) -> dict[str, Path]:
    """Return the folders of our packages in a repository, by their names."""
    paths = [path for pattern in ("libs/*", "services/*", "devkit") for path in root.glob(f"{pattern}/pyproject.toml")]
    names = [tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"] for path in paths]
    return {name: path.parent.relative_to(root) for name, path in zip(names, paths, strict=True)}


def _modules(package: Path) -> dict[Path, bytes]:
    return {path.relative_to(package): path.read_bytes() for path in package.glob("src/**/*.py")}


def _unused(package: Path, own: dict[str, Path]) -> list[str]:
    """Return the dependencies of a package that nothing in it imports.

    Our own packages are none of them: the next feature needs them again.
    """
    modules = ",".join(f"{name}={path.name}" for name, path in own.items())
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "found.json"
        options = ["--config", "pyproject.toml", "--package-module-name-map", modules, "--json-output", str(output)]
        # It fails for what it finds, which is what is asked for here.
        command = [sys.executable, "-m", "deptry", "src", *options]
        subprocess.run(command, cwd=package, capture_output=True, check=False)
        found = json.loads(output.read_text(encoding="utf-8"))
    unused = [violation["module"] for violation in found if violation["error"]["code"] == _UNUSED]
    return [name for name in unused if name not in own]


def _drop(path: Path, names: list[str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name in names:
        text = re.sub(rf'(?m)^\s*"{re.escape(name)}(?![\w.-]).*",?\n', "", text)
    path.write_text(text, encoding="utf-8")
