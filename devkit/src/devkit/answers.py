"""What a product was made from and what was chosen for it: copier's answers, which an update reads."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # it has no types

from devkit.history import STARTER as ANSWERS
from devkit.terminal import CommandError


def read(root: Path) -> dict[str, Any]:
    """Return the answers below a root; none in the starter itself. Raises CommandError when they cannot be read."""
    path = root / ANSWERS
    if not path.exists():
        return {}
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        values = None
    if not isinstance(values, dict):
        raise CommandError(f"{ANSWERS} cannot be read as YAML: `git log -- {ANSWERS}` shows what it was.")
    return values


def note_removals(root: Path, *, features: Collection[str], capabilities: Iterable[str] = ()) -> None:
    """Write to the answers that only these features are left and these capabilities gone, so that none comes back."""
    if not (values := read(root)):
        return
    gone = [name for name in capabilities if name not in values.get("without", [])]
    kept = [name for name in values.get("features", []) if name in features]
    text = (root / ANSWERS).read_text(encoding="utf-8")
    if gone:
        text = _with_list(text, "without", [*values.get("without", []), *gone])
    if kept != values.get("features", []):
        text = _with_list(text, "features", kept)
    (root / ANSWERS).write_text(text, encoding="utf-8")


def with_lines(text: str, key: str, lines: str) -> str:
    """Return the text of answers with other lines in place of those of a key."""
    # A long value, and a list, go on in lines that begin with a space or a dash.
    return re.sub(rf"(?m)^{key}:.*\n(?:[ -].*\n)*", lambda _: lines, text)


def _with_list(text: str, key: str, values: list[str]) -> str:
    # JSON is YAML too.
    return with_lines(text, key, f"{key}: {json.dumps(values)}\n")
