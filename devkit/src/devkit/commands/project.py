"""Commands about the project as a whole."""

from __future__ import annotations

import sys

from invoke.context import Context

from devkit import venv
from devkit.commands.command import command, command_with
from devkit.install import ensure
from devkit.terminal import CommandError
from devkit.uv import MINIMUM


@command_with(check="write nothing; exit code 1 when a document is not what the code says")
def openapi(_context: Context, *, check: bool = False) -> None:
    """Write docs/openapi.json and docs/api.md (--check)."""
    venv.run(ensure(), "-m", "devkit.openapi", *["--check"] * check)


@command
def doctor(_context: Context) -> None:
    """Look for what is wrong here, and tell what mends it."""
    if venv.PYTHON.exists():
        venv.run(str(venv.PYTHON), "-m", "devkit.doctor")
    elif sys.version_info >= MINIMUM:
        venv.run(sys.executable, "-m", "devkit.doctor")
    else:
        raise CommandError(
            f"invoke runs on Python {sys.version.split()[0]} and there is no .venv: run `invoke install`."
        )


@command_with(data="also the databases and the secrets, after asking", yes="do not ask")
def clean(_context: Context, *, data: bool = False, yes: bool = False) -> None:
    """Delete what commands have made (--data, --yes)."""
    venv.run(sys.executable, "-m", "devkit.clean", *["--data"] * data, *["--yes"] * yes)


@command_with(what="what to measure: first-minute, jobs or load", requests="jobs, load: how many reports")
def bench(_context: Context, *, what: str, requests: str = "") -> None:
    """Measure (first-minute, jobs, load, --requests)."""
    venv.replace_by(ensure(), "-m", "devkit.bench", what, *[f"--requests={requests}"] * bool(requests))


@command_with(
    optional=("version",),
    version="such as 1.2.0; without a value the commits say which is next",
    branch="the branch that is released from",
    no_test="release without running the checks",
    no_images="build no images of the version, for where there is no container engine",
    dry_run="show every step and change nothing",
)
def release(
    _context: Context,
    *,
    version: str | bool = "",
    branch: str = "main",
    no_test: bool = False,
    no_images: bool = False,
    dry_run: bool = False,
) -> None:
    """Make a version (--version 1.2.0, --dry-run, --no-test)."""
    # Without a value, as without the option, the version is computed.
    given = ["--version", version] if isinstance(version, str) and version else []
    flags = ["--no-test"] * no_test + ["--no-images"] * no_images + ["--dry-run"] * dry_run
    venv.replace_by(ensure(), "-m", "devkit.release", *given, "--branch", branch, *flags)
