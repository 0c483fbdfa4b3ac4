"""The commands as an operator uses them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from testing.preloaded import Program

Admin: TypeAlias = Callable[..., tuple[int, str]]
# Settings of a MongoDB that is not there.
AWAY = {"MONGO_PORT": "1", "MONGO_TIMEOUT": "0.2"}


@pytest.fixture
def admin(environ: dict[str, str], tmp_path: Path) -> Admin:
    """Run a command in a folder without settings files; return exit code and output."""

    def run(*arguments: str, text: str = "", **settings: str) -> tuple[int, str]:
        given, output = tmp_path / "given", tmp_path / "output"
        given.write_text(text, encoding="utf-8")
        output.unlink(missing_ok=True)
        program = Program(["admin", *arguments], {**os.environ, **environ, **settings}, tmp_path, output, given=given)
        return program.wait(60), output.read_text(encoding="utf-8")

    return run
