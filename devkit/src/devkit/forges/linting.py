"""The check of what forges read, by the schemas that they publish."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

# What is read by which schema. Gitee publishes none, so that one says what its pages say.
_SCHEMAS = [
    (r"\.github/workflows/[^/]+\.ya?ml|.*/forges/templates/github\.yml", "--builtin-schema=vendor.github-workflows"),
    (r"\.gitlab-ci\.yml|.*/forges/templates/gitlab\.yml", "--builtin-schema=vendor.gitlab-ci"),
    (
        r"\.workflow/[^/]+\.yml|.*/forges/templates/gitee\.yml",
        f"--schemafile={Path(__file__).with_name('gitee.schema.json')}",
    ),
]


def commands(names: Sequence[str], find: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Return the commands that check files of ours; `find` returns the path of a checker."""
    checked = [(schema, [name for name in names if re.fullmatch(pattern, name)]) for pattern, schema in _SCHEMAS]
    return [(find("check-jsonschema"), schema, *files) for schema, files in checked if files]
