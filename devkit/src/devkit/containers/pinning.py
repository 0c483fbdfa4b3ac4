"""The images that others publish, for `invoke pin`: behind a tag comes the digest that it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from devkit import ROOT
from devkit.containers.registry import digest
from devkit.mention import Mention

# What names an image in which files; what a variable names stands where the variable is set.
_PLACES = [
    (r"\.env", r"(?m)^\w+_IMAGE=(?P<image>\S+)$"),
    (r"(.*/)?Dockerfile", r"(?m)^(?:ARG \w+_IMAGE=|FROM )(?P<image>[^\s$]+)"),
    (r"docker/(.*/)?[^/]+\.yml|\.gitlab-ci\.yml|.*/forges/templates/gitlab\.yml", r"(?m)^ *image: (?P<image>[^\s$]+)$"),
    (r"\.gitlab-ci\.yml|.*/forges/templates/gitlab\.yml", r"(?m)^ *services: \[\"(?P<image>[^\s$]+)\"\]$"),
]


def mentions(names: Sequence[str]) -> Iterator[Mention]:
    """Yield the images that files of ours are made from, or run."""
    for files, place in _PLACES:
        for name in (name for name in names if re.fullmatch(files, name)):
            for found in re.finditer(place, (ROOT / name).read_text(encoding="utf-8")):
                image, _, pinned = found["image"].partition("@")
                yield Mention(name, found.start("image"), found["image"], bool(pinned), partial(_pinned, image))


def _pinned(image: str) -> str:
    return f"{image}@{digest(image)}"
