"""Secrets that production takes, the same in each run."""

import hashlib

from common import extensions


def strong(name: str) -> str:
    """Return the secret of this name: 32 characters, another one for each name."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def of_extensions() -> dict[str, str]:
    """Return a secret for each setting that production needs of the extensions."""
    lines = [line for extension in extensions.found() for line in extension.unsafe({})]
    return {line.partition(":")[0]: strong("other") for line in lines if "missing" in line}
