"""What README.md and the documents promise is there: their commands, folders and links."""

import re
import tomllib
from pathlib import Path

import pytest

from tools.commands import database, develop, project, quality, setup
from tools.commands.command import commands_of

from .conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/decisions").glob("*.md"))]


def test_the_readme_is_no_manual() -> None:
    assert len(README.splitlines()) <= 120


def test_the_two_commands_stand_on_the_first_screen() -> None:
    screen = "\n".join(README.splitlines()[:40])
    assert "pip install invoke nox uv && invoke dev" in screen
    assert "\nnox\n" in screen


def commands() -> set[str]:
    found = commands_of(setup, develop, database, quality, project)
    return {str(task.name).replace("_", "-") for task in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`?invoke ([a-z][a-z-]+)", page.read_text(encoding="utf-8"))
    missing = {name for name in named if name not in commands()} - {"nox"}
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    missing = [each for each in targets if "://" not in each and not (page.parent / each).exists()]
    assert missing == []


def test_every_folder_in_the_map_is_there() -> None:
    table = README.split("## The folders")[1].split("##")[0]
    names = re.findall(r"`([^`]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line))
    assert len(names) >= 8
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_nox_session_that_is_named_exists() -> None:
    sessions = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for names in re.findall(r"nox -s ([a-z ]+)", page.read_text(encoding="utf-8")):
            assert set(names.split()) <= sessions


@pytest.mark.parametrize(
    "name", ["invoke", "nox", "flask", "celery", "pymongo", "pytest", "coverage", "pytest-profiling", "python-dotenv"]
)
def test_what_this_is_made_of_is_declared(name: str) -> None:
    declared = []
    for path in (ROOT / "pyproject.toml", *ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        declared += content.get("project", {}).get("dependencies", [])
        declared += [each for group in content.get("dependency-groups", {}).values() for each in group]
    assert name in {re.split(r"[^\w.-]", requirement)[0] for requirement in declared}
