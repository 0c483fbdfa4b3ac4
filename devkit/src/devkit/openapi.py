"""The API's documents: `docs/openapi.json`, and `docs/api.md` made from it."""

import json
import subprocess
import sys
from pathlib import Path

from devkit import ROOT
from devkit.api_markdown import render
from devkit.terminal import CommandError, say

_JSON = ROOT / "docs" / "openapi.json"
_MARKDOWN = ROOT / "docs" / "api.md"


def write(*, check: bool = False) -> None:
    """Write the documents; with `check` change nothing, and raise CommandError when one is out of date."""
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


def _documents() -> dict[Path, str]:
    result = subprocess.run([sys.executable, "-m", "api.openapi"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if result.returncode:
        raise CommandError("the API cannot be described; the message above says why.")
    document = json.loads(result.stdout)
    return {_JSON: result.stdout.decode(), _MARKDOWN: render(document)}
