"""What follows when a part of the project is deleted: unused dependencies, locks, the documents of the API."""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.terminal import CommandError
from devkit.worktree import Worktree

_UNUSED = "DEP002"


@contextmanager
def followed(tree: Worktree) -> Iterator[list[str]]:
    """Make what follows from what is deleted meanwhile in a worktree: dependencies, locks, the documents of the API.

    Yields a list, which then gets a line for people about each package that needs less.
    """
    changed: list[str] = []
    before = _unused(tree)
    yield changed
    for folder, names in _unused(tree).items():
        if new := [name for name in names if name not in before.get(folder, [])]:
            _drop(tree.path / folder / "pyproject.toml", new)
            changed.append(f"{folder}/pyproject.toml: without {', '.join(new)}")
    try:
        tree.run("devkit", "lock", "--check")
    except CommandError:
        tree.run("devkit", "lock")
    tree.run("devkit", "openapi")


def _unused(tree: Worktree) -> dict[str, list[str]]:
    """Return the dependencies that nothing imports, by the folder of each of our packages in a worktree.

    Our own packages are none of them: the next feature needs them again.
    """
    paths = [
        path for pattern in ("libs/*", "services/*", "devkit") for path in tree.path.glob(f"{pattern}/pyproject.toml")
    ]
    own = {tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"]: path.parent for path in paths}
    return {
        str(folder.relative_to(tree.path)): [name for name in _unused_of(folder, own) if name not in own]
        for folder in sorted(own.values())
    }


def _unused_of(folder: Path, own: dict[str, Path]) -> list[str]:
    modules = ",".join(f"{name}={path.name}" for name, path in own.items())
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "found.json"
        options = ["--config", "pyproject.toml", "--package-module-name-map", modules, "--json-output", str(output)]
        # It fails for what it finds, which is what is asked for here.
        command = [sys.executable, "-m", "deptry", "src", *options]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        found = json.loads(output.read_text(encoding="utf-8"))
    return [violation["module"] for violation in found if violation["error"]["code"] == _UNUSED]


def _drop(path: Path, names: list[str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name in names:
        text = re.sub(rf'(?m)^\s*"{re.escape(name)}(?![\w.-]).*",?\n', "", text)
    path.write_text(text, encoding="utf-8")
