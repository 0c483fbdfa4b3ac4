"""What runs before `.venv` exists imports the standard library alone, in the syntax of the oldest Python."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

SOURCE = ROOT / "devkit" / "src"
OLDEST = (3, 9)


def imported(path: Path) -> Iterator[str]:
    """Yield the names of the modules that a file imports; `from devkit import clean` is `devkit.clean`."""
    for node in ast.walk(ast.parse(path.read_text(), feature_version=OLDEST)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "devkit":
            yield from (f"devkit.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def before_venv() -> list[Path]:
    """Return the files that `tasks.py` and `noxfile.py` reach before anything is installed."""
    files: list[Path] = []
    names = ["devkit", "devkit.bootstrap", "devkit.clean", "devkit.diagnosis", "devkit.outcome"]
    while names:
        name = names.pop()
        path = SOURCE / f"{name.replace('.', '/')}.py" if name != "devkit" else SOURCE / "devkit" / "__init__.py"
        if path.exists() and path not in files:
            files.append(path)
            names += [each for each in imported(path) if each.startswith("devkit")]
    return sorted(files)


@pytest.mark.parametrize("path", before_venv(), ids=lambda path: path.name)
def test_nothing_but_the_standard_library_is_imported(path: Path) -> None:
    assert {name.partition(".")[0] for name in imported(path)} <= {*sys.stdlib_module_names, "devkit"}


def test_only_what_must_is_written_for_the_standard_library_alone() -> None:
    assert [path.stem for path in before_venv()] == [
        "__init__",
        "bootstrap",
        "clean",
        "diagnosis",
        "environment",
        "index",
        "outcome",
        "plain_settings",
    ]


def test_the_commands_begin_with_the_bootstrap() -> None:
    lines = (ROOT / "tasks.py").read_text().splitlines()
    assert len(lines) <= 30
    names = [name for name in imported(ROOT / "tasks.py") if name.startswith("devkit")]
    assert names == ["devkit.bootstrap", "devkit.clean", "devkit.diagnosis", "devkit.commands.collection"]
