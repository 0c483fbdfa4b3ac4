"""Dependencies that nothing imports any more, once a feature is gone."""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from devkit.worktree import Worktree

_GROUPS = ("libs/*", "services/*")
_UNUSED = "DEP002"


def drop_unused(tree: Worktree) -> dict[str, list[str]]:
    """Remove them from the packages of a worktree, lock anew, and return their names by package.

    Our own packages stay: the next feature needs them again.
    """
    folders = [path.parent for group in _GROUPS for path in sorted(tree.path.glob(f"{group}/pyproject.toml"))]
    own = {
        tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["name"]: folder for folder in folders
    }
    dropped: dict[str, list[str]] = {}
    for folder in folders:
        if names := [name for name in _unused(folder, own) if name not in own]:
            _drop(folder / "pyproject.toml", names)
            dropped[str(folder.relative_to(tree.path))] = names
    if dropped:
        tree.run("devkit", "lock")
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
