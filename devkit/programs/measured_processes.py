"""Fail unless lines were measured where coverage easily misses them: in the threads and children of the services.

The coverage session runs this before the data files are combined, while each file still holds the lines of one process:
a process that ran an entry point must also have run functions that only its threads or children run.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from coverage import CoverageData
from coverage.exceptions import CoverageException

ROOT = Path(__file__).resolve().parents[2]

Lines = dict[Path, set[int]]


class Measured(TypedDict):
    """What a package declares in `[tool.devkit.measured]` of its pyproject.toml."""

    # What runs the functions, for people; the module that the process imports first; patterns of files with functions.
    where: str
    entry: str
    files: str
    # Whether the functions are declared inside of others, which run in the first process too.
    nested: bool


def main(folder: Path) -> int:
    """Print what was measured where, and return the exit code."""
    processes = [_lines(path) for path in sorted(folder.glob("coverage.*"))]
    projects = [path for group in ("libs", "services") for path in sorted(ROOT.glob(f"{group}/*/pyproject.toml"))]
    found = [_is_measured(path.parent, processes) for path in projects]
    return 0 if all(found) else 1


def _is_measured(folder: Path, processes: list[Lines]) -> bool:
    declared = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    measured: Measured | None = declared["tool"].get("devkit", {}).get("measured")
    if measured is None:
        return True
    package = folder / "src" / folder.name
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in package.glob(measured["files"])}
    expected = {path: _bodies(*(_functions(tree) if measured["nested"] else [tree])) for path, tree in trees.items()}
    return _report(measured["where"], processes, package / measured["entry"], expected)


def _report(where: str, processes: list[Lines], entry: Path, expected: Lines) -> bool:
    served = [lines for lines in processes if lines.get(entry)]
    hit = {
        (path, number) for lines in served for path in expected for number in lines.get(path, set()) & expected[path]
    }
    print(f"{where}: {len(hit)} lines measured in {len(served)} processes")
    return bool(hit)


def _lines(path: Path) -> Lines:
    """Return the lines that one process ran, by file; delete a data file that is not whole."""
    try:
        data = CoverageData(str(path))
        data.read()
        return {Path(name): set(data.lines(name) or ()) for name in data.measured_files()}
    except CoverageException as error:
        # Some tests kill processes, and one of these may have been writing.
        print(f"left out: {error}")
        path.unlink()
        return {}


def _bodies(*trees: ast.AST) -> set[int]:
    """Return the numbers of the lines inside the functions below some nodes."""
    functions = [function for tree in trees for function in _functions(tree)]
    return {node.lineno for function in functions for statement in function.body for node in _statements(statement)}


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node is not tree)


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
