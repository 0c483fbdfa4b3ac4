"""Whether the product can have a name: `common.names` has the rule, and the repository says which names are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from common import names
from devkit import ROOT
from devkit.git import tracked
from devkit.history import STARTER
from devkit.terminal import CommandError

# Where people are told the product's name: `invoke rename` replaces it there, and no program reads it.
FOR_PEOPLE = ("README.md", "README.*.md", "LICENSE", "SECURITY.md", "CHANGELOG.md")
_EXAMPLE = re.compile(rb"(invoke rename |(invoke new project |cd )\.\./|copier copy .*)[a-z0-9-]+")
# Where names are the repository's own, and what they are there; the first that matches counts.
_OWN = {
    "libs/domain/src/domain/{}": "feature",
    "*/*/src/{}": "package",
    "*/src/{}": "package",
    "{}": "folder",
    "*/{}": "folder",
}


def refuse(name: str) -> None:
    """Raise CommandError with the one rule that a new name breaks."""
    refuse_taken(name)
    if places := list(mentions(name)):
        more = f" and {len(places) - 1} more files" if len(places) > 1 else ""
        raise CommandError(
            f"{name!r} is a word that stands in {places[0]}{more}, where it could not be told from the product's name: "
            "choose a name that stands nowhere here."
        )


def refuse_taken(name: str) -> None:
    """Raise CommandError for a name that no product can have, or that a folder, a package or a feature has."""
    if problem := names.problem(name):
        raise CommandError(f"{problem}.")
    for pattern, kind in _OWN.items():
        if any(path.is_dir() for path in ROOT.glob(pattern.format(name))):
            raise CommandError(f"{name!r} is a {kind} here: choose a name that nothing else has.")


def mentions(name: str) -> Iterator[str]:
    """Yield the committed files that hold a name as a word, besides `.env` and what is for people.

    A name in a line that shows how a product is renamed is an example; where it was made from stands its first name.
    """
    word = pattern_of(name)
    for path in tracked() or _files():
        file = ROOT / path
        if (
            path not in (".env", STARTER)
            and not is_for_people(path)
            and file.is_file()
            and word.search(_EXAMPLE.sub(b"", file.read_bytes()))
        ):
            yield path


def is_for_people(path: str) -> bool:
    """Return whether a file, by its path from the root, is one where people are told the product's name."""
    return "/" not in path and any(Path(path).match(pattern) for pattern in FOR_PEOPLE)


def pattern_of(name: str) -> re.Pattern[bytes]:
    """Return what finds a name as a word, or a part of one that `-` and `_` separate, in whatever letters."""
    return re.compile(rb"(?<![a-z0-9])" + re.escape(name.encode()) + rb"(?![a-z0-9])", re.IGNORECASE)


def _files() -> Iterator[str]:
    """Yield the files of an archive without its history.

    Hidden folders are made by commands, or are small; bytecode holds the path that it was made from.
    """
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in relative.parts):
            yield str(relative)
