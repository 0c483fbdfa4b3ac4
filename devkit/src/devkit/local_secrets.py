"""The generated secrets in `.env.local`."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from devkit import ROOT, env
from devkit.terminal import say

PATH = ROOT / ".env.local"
_HEAD = "# Secrets and settings of this machine. Git ignores this file; it overrides .env.\n"


def names() -> list[str]:
    """Return the names of all secrets, as `.env` has them."""
    return [key for key in env.read(ROOT / ".env") if re.search(r"_(PASSWORD|KEY)$", key)]


def missing(path: Path = PATH) -> list[str]:
    """Return the secrets that the file does not give, by themselves or by the file that holds one."""
    known = env.read(path)
    return [key for key in names() if not known.get(key) and not known.get(f"{key}_FILE")]


def unknown(path: Path = PATH) -> list[str]:
    """Return the settings that the file gives and `.env` does not know."""
    settings = env.read(ROOT / ".env")
    files = {f"{key}_FILE" for key in settings if re.search(r"_(PASSWORD|PASSWORD_HASH|KEY|URL)$", key)}
    return sorted(set(env.read(path)) - set(settings) - files)


def complete(path: Path = PATH) -> None:
    """Write a fresh random value for each missing secret, keep all else, and name what was added."""
    if added := missing(path):
        text = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        lines = [f"{key}={secrets.token_urlsafe(32)}" for key in added]
        new = path.with_name(f"{path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            stream.write("\n".join([text.rstrip("\n"), *lines, ""]))
        # In one step, so that an interruption leaves the old file or the new one.
        new.replace(path)
        say(f"wrote fresh secrets to .env.local: {', '.join(added)}")


if __name__ == "__main__":
    complete()
