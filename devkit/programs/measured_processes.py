"""Fail unless lines were measured where coverage easily misses them: in API threads and in the worker's children.

The coverage session runs this before the data files are combined, while each file still holds the lines of one process:
a process that ran a service's entry point must also have run functions that only its threads or children run.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from coverage import CoverageData
from coverage.exceptions import CoverageException

SERVICES = Path(__file__).resolve().parents[2] / "services"
API = SERVICES / "api" / "src" / "api"
WORKER = SERVICES / "worker" / "src" / "worker"

Lines = dict[Path, set[int]]


def main(folder: Path) -> int:
    """Print what was measured where, and return the exit code."""
    processes = [_lines(path) for path in sorted(folder.glob("coverage.*"))]
    views = {path: _bodies(ast.parse(path.read_text())) for path in API.glob("routes/*.py")}
    # Work is declared in functions inside `register`; code outside of them runs in the main process too.
    tasks = {path: _bodies(*_functions(ast.parse(path.read_text()))) for path in WORKER.glob("tasks/*.py")}
    ok = _report("API threads", processes, API / "wsgi.py", views)
    return 0 if _report("worker children", processes, WORKER / "main.py", tasks) and ok else 1


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
