"""Commands that make the project's environment."""

from __future__ import annotations

from typing import Annotated

from devkit import install as installation
from devkit import venv
from devkit.commands.command import command
from devkit.terminal import say


@command
def install() -> None:
    """Make .venv and .env.local, or bring them up to date."""
    before = installation.is_current()
    installation.ensure()
    say(".venv is up to date" if before else "installed: .venv is ready")


@command
def lock(
    *,
    check: Annotated[bool, "write nothing; exit code 1 when a lock is older than what it is made from"] = False,
    upgrade: Annotated[bool, "take the newest versions instead of the present ones"] = False,
) -> None:
    """Resolve requirements/*.txt (--check, --upgrade)."""
    flags = ["--check"] * check + ["--upgrade"] * upgrade
    venv.run(installation.ensure(), "-m", "devkit.lock", *flags)
    if not check:
        installation.ensure()
