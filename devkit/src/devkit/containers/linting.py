"""The check of what images are built by."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def commands(names: Sequence[str], find: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Return the commands that check files of ours; `find` returns the path of a checker."""
    dockerfiles = [name for name in names if name.endswith("Dockerfile")]
    return [(find("hadolint"), *dockerfiles)] if dockerfiles else []
