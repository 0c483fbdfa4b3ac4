"""Dependencies that nothing imports any more, once a feature is gone."""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from devkit.worktree import Worktree

_UNUSED = "DEP002"

# The names of dependencies, by the folder of their package.
Dependencies = dict[str, list[str]]


def unused(tree: Worktree) -> Dependencies:
    """Return the dependencies that nothing imports, of each of our packages in a worktree.

    Our own packages are none of them: the next feature needs them again.
    """
    paths = [
        path for pattern in ("libs/*", "services/*", "devkit") for path in tree.path.glob(f"{pattern}/pyproject.toml")
    ]
    own = {tomllib.loads(path.read_text(encoding="utf-8"))["project"]["name"]: path.parent for path in paths}
    return {
        str(folder.relative_to(tree.path)): [name for name in _unused(folder, own) if name not in own]
        for folder in sorted(own.values())
    }


def drop_unused(tree: Worktree, before: Dependencies) -> Dependencies:
    """Remove what is unused now and was not `before`, and return what was removed; the locks have to be made anew."""
    dropped = {}
    for folder, names in unused(tree).items():
        if new := [name for name in names if name not in before.get(folder, [])]:
            _drop(tree.path / folder / "pyproject.toml", new)
            dropped[folder] = new
    return dropped


def _unused(folder: Path, own: dict[str, Path]) -> list[str]:
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
