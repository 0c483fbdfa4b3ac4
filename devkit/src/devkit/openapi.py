"""`python -m devkit.openapi [--check]`: write `docs/openapi.json`, and `docs/api.md` from it."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from devkit import ROOT
from devkit.api_markdown import render
from devkit.terminal import CommandError, run_command, say

_JSON = ROOT / "docs" / "openapi.json"
_MARKDOWN = ROOT / "docs" / "api.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the documents, or check that they are as they would be written."""
    parser = argparse.ArgumentParser(prog="python -m devkit.openapi")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when they are out of date")
    check = parser.parse_args(arguments).check
    stale = []
    for path, text in _documents().items():
        name = str(path.relative_to(ROOT))
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say(f"wrote {name}")
    if check and stale:
        raise CommandError(f"out of date: {', '.join(stale)}: run `invoke openapi` and commit the change.")
    return 0


def _documents() -> dict[Path, str]:
    result = subprocess.run([sys.executable, "-m", "api.openapi"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if result.returncode:
        raise CommandError("the API cannot be described; the message above says why.")
    document = json.loads(result.stdout)
    return {_JSON: result.stdout.decode(), _MARKDOWN: render(document)}


if __name__ == "__main__":
    sys.exit(run_command(main))
