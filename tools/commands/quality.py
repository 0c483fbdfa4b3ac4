"""Commands that check the code."""

from __future__ import annotations

from invoke.context import Context

from tools import venv
from tools.commands.command import command, command_with
from tools.install import ensure


def _nox(*arguments: str) -> None:
    ensure()
    venv.run(venv.program("nox", mend="pip install nox"), *arguments)


@command_with(
    k="the tests whose names match this expression, as `pytest -k`",
    path="the tests below this file or folder",
    python="all tests on this Python version, in an environment of their own",
)
def test(
    _context: Context,
    *,
    k: str = "",  # noqa: PT028 - a command, not a test
    path: str = "",  # noqa: PT028 - a command, not a test
    python: str = "",  # noqa: PT028 - a command, not a test
) -> None:
    """Run the tests (-k EXPR, --path DIR, --python 3.13)."""
    if python:
        _nox("--session", f"tests-{python}")
        return
    arguments = [path] * bool(path) + (["-k", k] if k else [])
    venv.run(ensure(), "-m", "pytest", *arguments)


@command
def coverage(_context: Context) -> None:
    """Show what the tests run: reports/coverage/index.html."""
    _nox("--session", "coverage")


@command
def profile(_context: Context) -> None:
    """Show where the tests' time goes: prof/combined.svg."""
    _nox("--session", "profile")


@command
def lint(_context: Context) -> None:
    """Look for mistakes in Python and shell files."""
    venv.run(ensure(), "-m", "tools.check", "lint")


@command
def format(_context: Context) -> None:  # noqa: A001 - the name of the command
    """Format the code and mend what is safe to mend."""
    venv.run(ensure(), "-m", "tools.check", "format")


@command
def types(_context: Context) -> None:
    """Check the types."""
    venv.run(ensure(), "-m", "tools.check", "types")


@command
def check(_context: Context) -> None:
    """Run lint, types, unit tests and look for drift."""
    venv.run(ensure(), "-m", "tools.check")
