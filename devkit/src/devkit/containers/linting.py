"""The checks of what images are built by, and of what Compose reads, by the schema of its specification."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_COMPOSE = re.compile(r"docker/(.*/)?[^/]+\.ya?ml")


def commands(names: Sequence[str], find: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Return the commands that check files of ours; `find` returns the path of a checker."""
    dockerfiles = [name for name in names if name.endswith("Dockerfile")]
    compose = [name for name in names if _COMPOSE.fullmatch(name)]
    hadolint = [(find("hadolint"), *dockerfiles)] if dockerfiles else []
    return [
        *hadolint,
        *([(find("check-jsonschema"), "--builtin-schema=vendor.compose-spec", *compose)] if compose else []),
    ]
