"""Commands that make the project's environment."""

from __future__ import annotations

from typing import Annotated

from devkit import bootstrap, venv
from devkit.commands.command import command
from devkit.git import asked
from devkit.terminal import CommandError, say


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
def hooks(*, remove: Annotated[bool, "let git commit again without them"] = False) -> None:
    """Make git run the quick checks before a commit (--remove)."""
    if not asked("rev-parse", "--git-dir"):
        raise CommandError("there is no repository here: run `git init` first.")
    venv.run(venv.program("prek"), "uninstall" if remove else "install")


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


@command()
def pin(*, dry_run: Annotated[bool, "ask, show what would be written, and change nothing"] = False) -> None:
    """Pin tags of others to what they stand for (--dry-run)."""
    from devkit import pin as pins

    pins.pin(dry_run=dry_run)
