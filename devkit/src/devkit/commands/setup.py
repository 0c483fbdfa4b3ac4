"""Commands that make the project's environment."""

from __future__ import annotations

from invoke.context import Context

from devkit import install as installation
from devkit import venv
from devkit.commands.command import command, command_with
from devkit.terminal import say


@command
def install(_context: Context) -> None:
    """Make .venv and .env.local, or bring them up to date."""
    before = installation.is_current()
    installation.ensure()
    say(".venv is up to date" if before else "installed: .venv is ready")


@command_with(
    check="write nothing; exit code 1 when a lock is older than what it is made from",
    upgrade="take the newest versions instead of the present ones",
)
def lock(_context: Context, *, check: bool = False, upgrade: bool = False) -> None:
    """Resolve requirements/*.txt (--check, --upgrade)."""
    flags = ["--check"] * check + ["--upgrade"] * upgrade
    venv.run(installation.ensure(), "-m", "devkit.lock", *flags)
    if not check:
        installation.ensure()
