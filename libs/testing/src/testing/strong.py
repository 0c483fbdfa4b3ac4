"""Secrets that production takes, the same in each run."""

import hashlib


def strong(name: str) -> str:
    """Return the secret of this name: 32 characters, another one for each name."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]
