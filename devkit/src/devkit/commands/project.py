"""Commands about the project as a whole."""

from __future__ import annotations

import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import command
from devkit.install import ensure
from devkit.terminal import CommandError
from devkit.uv import MINIMUM


@command
def openapi(
    *,
    check: Annotated[bool, "write nothing; exit code 1 when a document is not what the code says"] = False,
) -> None:
    """Write docs/openapi.json and docs/api.md (--check)."""
    venv.run(ensure(), "-m", "devkit.openapi", *["--check"] * check)


@command
def doctor() -> None:
    """Look for what is wrong here, and tell what mends it."""
    if venv.PYTHON.exists():
        venv.run(str(venv.PYTHON), "-m", "devkit.doctor")
    elif sys.version_info >= MINIMUM:
        venv.run(sys.executable, "-m", "devkit.doctor")
    else:
        raise CommandError(
            f"invoke runs on Python {sys.version.split()[0]} and there is no .venv: run `invoke install`."
        )


@command
def clean(
    *,
    data: Annotated[bool, "also the databases and the secrets, after asking"] = False,
    yes: Annotated[bool, "do not ask"] = False,
) -> None:
    """Delete what commands have made (--data, --yes)."""
    venv.run(sys.executable, "-m", "devkit.clean", *["--data"] * data, *["--yes"] * yes)


@command
def bench(
    *,
    what: Annotated[str, "what to measure: first-minute, jobs or load"],
    requests: Annotated[str, "jobs, load: how many reports"] = "",
) -> None:
    """Measure (first-minute, jobs, load, --requests)."""
    venv.replace_by(ensure(), "-m", "devkit.bench", what, *[f"--requests={requests}"] * bool(requests))


@command(optional=("version",))
def release(
    *,
    version: Annotated[str | bool, "such as 1.2.0; without a value the commits say which is next"] = "",
    branch: Annotated[str, "the branch that is released from"] = "main",
    no_test: Annotated[bool, "release without running the checks"] = False,
    no_images: Annotated[bool, "build no images of the version, for where there is no container engine"] = False,
    dry_run: Annotated[bool, "show every step and change nothing"] = False,
) -> None:
    """Make a version (--version 1.2.0, --dry-run, --no-test)."""
    # Without a value, as without the option, the version is computed.
    given = ["--version", version] if isinstance(version, str) and version else []
    flags = ["--no-test"] * no_test + ["--no-images"] * no_images + ["--dry-run"] * dry_run
    venv.replace_by(ensure(), "-m", "devkit.release", *given, "--branch", branch, *flags)
