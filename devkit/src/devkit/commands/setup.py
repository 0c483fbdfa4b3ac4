"""Commands that make the project's environment."""

from __future__ import annotations

from typing import Annotated

from devkit import bootstrap
from devkit.commands.command import command
from devkit.terminal import say


@command()
def install(*, force: Annotated[bool, "install every package anew, as when files of one were deleted"] = False) -> None:
    """Make .venv and .env.local, or bring them up to date."""
    from devkit import local_secrets

    # The bootstrap has made .venv before this runs in it.
    if force:
        bootstrap.ensure(anew=True)
    local_secrets.complete()
    say(".venv is up to date")


@command()
def lock(
    *,
    check: Annotated[bool, "write nothing; exit code 1 when a lock is older than what it is made from"] = False,
    upgrade: Annotated[bool, "take the newest versions instead of the present ones"] = False,
) -> None:
    """Resolve requirements/*.txt (--check, --upgrade)."""
    from devkit import lock as locks

    if check:
        locks.refuse_drift()
        return
    locks.make(upgrade=upgrade)
    # A copy in which files are only made has no environment, and needs none.
    if bootstrap.VENV.exists():
        bootstrap.ensure()
