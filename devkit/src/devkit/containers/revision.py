"""Which commit an image is built from."""

from __future__ import annotations

import subprocess

from devkit import ROOT


def revision() -> tuple[str, str]:
    """Return the full id of the commit and a short tag; `-dirty` says that there is more than was committed.

    Both are `unknown` outside of a git repository.
    """
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return "unknown", "unknown"
    dirty = "-dirty" if _git("status", "--porcelain") else ""
    return f"{commit}{dirty}", f"{commit[:12]}{dirty}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
