"""A copy with another name is as good as this one: the name has one place, and nothing else has to be touched."""

import os
import secrets
from pathlib import Path

import pytest

from .copies import copy_without, run, run_here

GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
ADA = ("-c", "user.name=Ada", "-c", "user.email=ada@work.example")
# What the copy's own code says of itself.
QUESTION = """
from api.app import create_app
from api.openapi import document
from common.config import Settings
from common.settings_files import named_after_project
from devkit import env
from devkit.names import mentions
name = Settings.load({}, env_files=[env.ROOT / ".env"]).project
assert {env.load(environ={})[setting] for setting in named_after_project()} == {name}
assert create_app(Settings.load({"PROJECT": name}, env_files=())).spec["info"]["title"] == f"{name} API"
assert name not in str(document())
assert list(mentions(name)) == []
print(name)
"""


@pytest.fixture
def name() -> str:
    """A name that is allowed and as odd as can be, and stands nowhere."""
    return f"q9-{secrets.token_hex(16)}-0"


def renamed(name: str, folder: Path) -> Path:
    """Return a copy of the repository that was committed and then renamed."""
    root = copy_without([], folder)
    run(root, "git", "init", "--quiet", "--initial-branch", "main", **GIT)
    run(root, "git", "add", "--all", **GIT)
    run(root, "git", *ADA, "commit", "--quiet", "--message", "feat: begin", **GIT)
    for key, value in (("user.name", "Ada"), ("user.email", "ada@work.example")):
        run(root, "git", "config", key, value)
    run_here(root, "-m", "devkit", "rename", name, "--yes")
    return root


@pytest.mark.integration
def test_a_copy_with_another_name_is_that_everywhere_and_its_documents_are_current(name: str, tmp_path: Path) -> None:
    root = renamed(name, tmp_path)
    assert run_here(root, "-c", QUESTION).splitlines()[-1] == name
    run_here(root, "-m", "devkit", "openapi", "--check")
    run_here(root, "-m", "devkit", "lock", "--check")


@pytest.mark.integration
@pytest.mark.features
@pytest.mark.whole
def test_lint_types_and_the_whole_suite_pass_under_another_name(name: str, tmp_path: Path) -> None:
    root = renamed(name, tmp_path)
    run(root, "invoke", "install")
    python = root / ".venv/bin/python"
    for command in ("lint", "types"):
        run(root, python, "-m", "devkit", command)
    run(root, python, "-m", "pytest", "-n", "4", "-q", "libs", "services", "tests/docs/test_name.py")
