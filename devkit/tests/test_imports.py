"""The tools run before `.venv` exists: they import nothing that has to be installed, except invoke for its commands."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

LATER = ("chaos", "measure", "harness", "replica.py")
FILES = [
    path
    for path in (*sorted((ROOT / "devkit" / "src").rglob("*.py")), ROOT / "tasks.py")
    if not set(LATER) & set(path.parts)
]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_but_the_standard_library_and_invoke_is_imported(path: Path) -> None:
    allowed = {*sys.stdlib_module_names, "devkit"}
    if path.name == "tasks.py" or path.parent.name == "commands":
        allowed.add("invoke")
    assert set(imported(path)) <= allowed
