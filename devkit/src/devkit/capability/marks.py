"""Marks: what a file that remains says of a capability stands between comments that name it, and goes with it.

Whole lines stand between `# [name]` and `# [/name]`, `// [name]` and `// [/name]`, or `<!-- name -->` and
`<!-- /name -->`, each on a line of its own. In Markdown the two may also stand within a line, around some words of it;
and `<!-- name -->` alone behind the text of a line marks that line, for no comment can stand between the rows of a
table.
"""

import re
from collections.abc import Iterable

from devkit.terminal import CommandError

_OPENING = re.compile(r"\s*(?:(?:#|//) \[(?P<hash>[a-z][a-z0-9-]*)\]|<!-- (?P<html>[a-z][a-z0-9-]*) -->)\s*")
_CLOSING = re.compile(r"\s*(?:(?:#|//) \[/(?P<hash>[a-z][a-z0-9-]*)\]|<!-- /(?P<html>[a-z][a-z0-9-]*) -->)\s*")


def without(text: str, name: str) -> str:
    """Return a text without what is marked for a capability, marks included. Raises CommandError for an open end."""
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        if _name(_OPENING, line) == name:
            inside = True
        elif _name(_CLOSING, line) == name:
            if not inside:
                raise CommandError(f"a block of {name} is closed that was not opened.")
            inside = False
        elif not inside:
            kept += _line_without(line, name)
    if inside:
        raise CommandError(f"a block of {name} is opened and not closed.")
    return "".join(kept)


def marked(text: str, names: Iterable[str]) -> set[str]:
    """Return those of some capabilities for which something is marked in a text."""
    return {name for name in names if re.search(rf"((?:#|//) \[/?|<!-- /?){re.escape(name)}(\]| -->)", text)}


def _line_without(line: str, name: str) -> list[str]:
    line = re.sub(rf"<!-- {re.escape(name)} -->.*?<!-- /{re.escape(name)} -->", "", line)
    if f"<!-- /{name} -->" in line:
        raise CommandError(f"words of a line are closed as those of {name} that were not opened in it.")
    # What is left of the marks is alone.
    return [] if f"<!-- {name} -->" in line else [line]


def _name(pattern: re.Pattern[str], line: str) -> str:
    found = pattern.fullmatch(line)
    return (found["hash"] or found["html"]) if found else ""
