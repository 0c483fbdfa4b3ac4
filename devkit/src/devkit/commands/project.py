"""Commands about the project as a whole."""

from __future__ import annotations

from typing import Annotated

from devkit import clean as cleaning
from devkit.commands.command import command

clean = command()(cleaning.clean)


@command()
def openapi(
    *, check: Annotated[bool, "write nothing; exit code 1 when a document is not what the code says"] = False
) -> None:
    """Write docs/openapi.json, docs/api.md and docs/api/ (--check)."""
    from devkit import openapi as documents

    documents.write(check=check)


@command()
def doctor() -> None:
    """Look for what is wrong here, and tell what mends it."""
    from devkit import doctor as examination

    examination.run()


@command(positional=["name"])
def rename(
    *,
    name: Annotated[str, "the new name of the product"] = "",
    dry_run: Annotated[bool, "show what would be done and change nothing"] = False,
    yes: Annotated[bool, "do not ask"] = False,
    force: Annotated[bool, "also when other work is not committed, or where there is no git"] = False,
) -> None:
    """Give the product another name (NAME, --dry-run)."""
    from devkit import rename as renaming

    renaming.rename(renaming.Options(name, dry_run=dry_run, confirmed=yes, force=force))


@command(optional=("version",))
def release(
    *,
    version: Annotated[str | bool, "such as 1.2.0; without a value the commits say which is next"] = "",
    branch: Annotated[str, "the branch that is released from"] = "main",
    no_test: Annotated[bool, "release without running the checks"] = False,
    no_build: Annotated[bool, "build nothing of the version: make its commit and its tag alone"] = False,
    dry_run: Annotated[bool, "show every step and change nothing"] = False,
    checks: Annotated[str, "the command that must succeed before, instead of `invoke check`"] = "",
) -> None:
    """Make a version (--version 1.2.0, --dry-run, --no-test)."""
    from devkit import release as releases

    releases.release(
        # Without a value, as without the option, the version is computed.
        version=version if isinstance(version, str) else "",
        branch=branch,
        dry_run=dry_run,
        test=not no_test,
        build=not no_build,
        checks=checks,
    )
