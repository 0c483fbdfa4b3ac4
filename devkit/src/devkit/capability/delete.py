"""A capability goes with its files, and with what the other files have marked for it."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from devkit import deletion
from devkit.capability import marks
from devkit.capability.declaration import Capability, files
from devkit.history import STARTER as ANSWERS
from devkit.terminal import CommandError

# These tell how things came about, also those that are gone: no record is changed afterwards.
HISTORY = ("docs/decisions/", "CHANGELOG.md", ANSWERS)
# This names packages of others, whatever they are called.
FOREIGN = "package-lock.json"


def delete(capability: Capability, root: Path) -> list[str]:
    """Delete a capability below a root; return the paths of the other files that it was marked in."""
    for path in capability.paths(root):
        deletion.delete(path, root)
    changed = []
    for name, text in texts(root):
        if marks.marked(text, [capability.name]):
            try:
                kept = marks.without(text, capability.name)
            except CommandError as error:
                raise CommandError(f"{name}: {error}") from None
            (root / name).write_text(kept, encoding="utf-8", newline="")
            changed.append(name)
    return changed


def mentions(removed: Sequence[Capability], root: Path) -> list[str]:
    """Return the places below a root that still speak of capabilities, as `path:line: the line`."""
    return spoken_of(removed, texts(root))


def spoken_of(removed: Sequence[Capability], named: Iterable[tuple[str, str]]) -> list[str]:
    """Return the places in texts that speak of capabilities; the texts come with their paths."""
    words = re.compile("|".join(f"(?:{word})" for capability in removed for word in capability.words), re.MULTILINE)
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in named
        # Most texts are seen to be free of them at once.
        if words.search(name) or words.search(text)
        for number, line in enumerate([name, *text.splitlines()])
        if words.search(line)
    ]


def texts(root: Path) -> list[tuple[str, str]]:
    """Return the files below a root that are text of ours and no history, by their paths from there."""
    found = []
    for path in files(root):
        name = path.relative_to(root).as_posix()
        if not name.startswith(HISTORY) and path.name != FOREIGN:
            try:
                with path.open(encoding="utf-8", newline="") as file:
                    found.append((name, file.read()))
            except UnicodeDecodeError:
                continue
    return found
