"""What a lock holds, entry by entry; standard library only, for who has nothing else installed reads it too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A name and a version, a marker of PEP 508 where it is for some machines alone, and behind that the hashes.
_ENTRY = re.compile(r"(?P<name>[^\s#=]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+))?")


@dataclass(frozen=True)
class Locked:
    """A package at a version: the machines it is for, or "" for all, and the SHA-256 of each of its files."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def entries(text: str) -> Iterator[Locked]:
    """Yield the entries of a lock in their order."""
    for entry in re.split(r"\n(?=\S)", text):
        if found := _ENTRY.match(entry):
            hashes = tuple(re.findall(r"sha256:(\w+)", entry))
            yield Locked(found["name"], found["version"], (found["marker"] or "").strip(), hashes)
