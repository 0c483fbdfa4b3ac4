"""What the repository's history says of the product: the names it had, and where it begins."""

from __future__ import annotations

import re

from devkit.git import asked

# The file that a product has and the starter has not: what it was made from and what was chosen, as copier keeps it.
# The commit that adds it is the product's first.
STARTER = ".copier-answers.yml"


def former_names() -> list[str]:
    """Return the names that PROJECT gave the product before, the latest first; none where no history tells."""
    changes = asked("log", "--format=", "--patch", "--no-color", "--no-ext-diff", "-G^PROJECT=", "--", ".env")
    return list(dict.fromkeys(re.findall(r"(?m)^-PROJECT=([a-z][a-z0-9-]*)\s*$", changes)))


def beginning() -> str:
    """Return the commit that the product begins with; empty in the starter itself, whose history is its own."""
    return asked("log", "--diff-filter=A", "--format=%H", "-1", "--", STARTER) if _is_product() else ""


def last_release() -> str:
    """Return the tag that the product was released by last, in full; empty when there is none, in the starter too.

    The starter's tags, which a clone has, are of no release of the product.
    """
    if not (begin := beginning()):
        return ""
    found = f"--merged=HEAD --contains={begin} --sort=-version:refname --sort=-creatordate --format=%(refname)".split()
    return asked("for-each-ref", *found, "refs/tags/v[0-9]*").partition("\n")[0]


def is_starters(tag: str) -> bool:
    """Return whether a tag that exists is the starter's, in a product that was made from a clone of it."""
    begin = beginning()
    return bool(begin) and f"refs/tags/{tag}" not in asked("for-each-ref", f"--contains={begin}", "refs/tags")


def _is_product() -> bool:
    return bool(asked("ls-files", "--", STARTER))
