"""What an editor does with the files in `.vscode`."""

import json
import re
from pathlib import Path
from typing import Any

from .conftest import ROOT


def read(name: str) -> Any:
    """Return what a file says; its comments stand in lines of their own."""
    return json.loads(re.sub(r"(?m)^\s*//.*$", "", (ROOT / ".vscode" / name).read_text(encoding="utf-8")))


def configurations() -> dict[str, dict[str, Any]]:
    """Return what can be launched, by the names that people choose from."""
    return {each["name"]: each for each in read("launch.json")["configurations"]}


def launched(name: str, python: str, environ: dict[str, str]) -> dict[str, Any]:
    """Return a configuration as the editor sends it to the debugger: variables replaced, and its Python added."""
    text = json.dumps(configurations()[name]).replace("${workspaceFolder}", str(ROOT))
    return {**json.loads(text), "python": [python], "env": environ, "justMyCode": True}


def line_of(path: Path, text: str) -> tuple[Path, int]:
    """Return the line in which a text stands in a file, for a breakpoint."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return path, next(number for number, line in enumerate(lines, 1) if text in line)
