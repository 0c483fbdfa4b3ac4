"""Versions as semver.org defines them, as far as Python packages can carry them."""

from __future__ import annotations

import re

from devkit.terminal import CommandError

_NUMBER = "(0|[1-9][0-9]*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-(alpha|beta|rc)\.{_NUMBER})?")
_STAGES = ("alpha", "beta", "rc", "final")

Precedence = tuple[int, int, int, int, int]


def precedence(text: str) -> Precedence:
    """Return the key that versions are compared by; raise when the text is no version that can be released.

    Other pre-releases and build metadata are SemVer too, but the packages, which follow PEP 440, refuse them or order
    them differently.
    """
    match = _VERSION.fullmatch(text)
    if not match:
        raise CommandError(
            f"{text} is no SemVer version: write one such as 1.2.0; "
            "a pre-release ends in -alpha.1, -beta.1 or -rc.1, which Python packages know too."
        )
    major, minor, patch, stage, number = match.groups()
    return int(major), int(minor), int(patch), _STAGES.index(stage or "final"), int(number or 0)
