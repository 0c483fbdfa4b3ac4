"""Commands that check the code."""

from __future__ import annotations

import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import command


def _nox(*arguments: str) -> None:
    venv.run(venv.program("nox"), *arguments)


@command()
def test(
    *arguments: Annotated[str, "behind two dashes: passed on to pytest"],
    k: Annotated[str, "the tests whose names match this expression, as `pytest -k`"] = "",
    path: Annotated[str, "the tests below this file or folder"] = "",
    python: Annotated[str, "all tests on this Python version, in an environment of their own"] = "",
) -> None:
    """Run the tests (-k EXPR, --path DIR, --python 3.13, -- ARGS)."""
    if python:
        _nox("--session", f"tests-{python}", *["--", *arguments] * bool(arguments))
        return
    venv.run(sys.executable, "-m", "pytest", *[path] * bool(path), *["-k", k] * bool(k), *arguments)


@command()
def coverage() -> None:
    """Show what the tests run: reports/coverage/index.html."""
    _nox("--session", "coverage")


@command()
def lint() -> None:
    """Look for mistakes in Python and shell files."""
    from devkit import check as checks

    checks.run(["lint"])


@command()
def format() -> None:  # noqa: A001 - the name of the command
    """Format the code and mend what is safe to mend."""
    from devkit import check as checks

    checks.run(["format"])


@command()
def types() -> None:
    """Check the types."""
    from devkit import check as checks

    checks.run(["types"])


@command()
def check() -> None:
    """Run lint, types, unit tests and look for drift."""
    from devkit import check as checks

    checks.run(checks.BEFORE_A_COMMIT)
