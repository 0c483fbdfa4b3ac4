"""What README.md says about the repository is so."""

import re
import tomllib

import pytest

from .blocks import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_folder_in_the_map_is_there() -> None:
    table = README.split("## The folders")[1].split("##")[0]
    names = re.findall(r"`([^`]+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line))
    assert len(names) >= 8
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_license_owes_nothing_and_every_package_names_it() -> None:
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT No Attribution\n")
    assert "`LICENSE`" in README
    for path in (*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["project"]["license"] == "MIT-0", path


def declared() -> set[str]:
    """Return the names of all packages that something here declares to need."""
    found = []
    for path in (ROOT / "pyproject.toml", *ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found += content.get("project", {}).get("dependencies", [])
        found += [each for group in content.get("dependency-groups", {}).values() for each in group]
    return {re.split(r"[^\w.-]", requirement)[0] for requirement in found}


@pytest.mark.parametrize(
    "name", ["invoke", "nox", "flask", "pymongo", "pytest", "coverage", "pytest-profiling", "python-dotenv"]
)
def test_what_this_is_made_of_is_declared(name: str) -> None:
    assert name in declared()
