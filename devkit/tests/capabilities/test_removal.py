"""Every capability, alone and all together, goes without a trace, and comes back as it was."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from devkit.capability.declaration import DECLARED, Capability, capabilities, with_users
from devkit.capability.marks import without

from ..features.copies import ROOT, run, run_here
from .remains import check, committed_texts, dangling, mentions, repository

THERE = capabilities(ROOT)
# Computed, so that a new capability is among them by itself.
COMBINATIONS = [
    *(pytest.param(sorted(with_users([name], THERE)), id=name) for name in THERE),
    pytest.param(list(THERE), id="everything"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "product")


def remove(root: Path, names: list[str]) -> str:
    """Remove capabilities, and return what the command said; where none is left there is nothing to remove."""
    return run_here(root, "-m", "devkit", "remove", ",".join(names), "--yes") if names else ""


@pytest.mark.matrix
@pytest.mark.parametrize("names", COMBINATIONS)
def test_what_remains_is_whole_and_says_nothing_of_what_is_gone(names: list[str], root: Path) -> None:
    tree = run(root, "git", "rev-parse", "HEAD^{tree}")
    assert "still speak" not in remove(root, names)
    assert list(mentions(root, [THERE[name] for name in names])) == []
    assert list(dangling(root)) == []
    assert not set(names) & set(capabilities(root))
    check(root)
    assert run(root, "git", "status", "--porcelain") == ""
    if names:
        run(root, "git", "revert", "--no-edit", "HEAD")
    assert run(root, "git", "rev-parse", "HEAD^{tree}") == tree


@pytest.mark.matrix
@pytest.mark.whole
@pytest.mark.parametrize("names", COMBINATIONS)
def test_the_tests_of_what_remains_pass(names: list[str], root: Path) -> None:
    remove(root, names)
    # With an environment of its own, as a team has it.
    run(root, "invoke", "install")
    unit = "not integration and not e2e and not remote and not deploy and not features and not matrix"
    typed = "--deselect=tests/docs/test_blocks.py::test_the_commands_of_a_document"
    paths = [path for path in ("devkit", "libs", "services", "tests/docs") if (root / path).exists()]
    # These copy the repository, or are about the product as it runs.
    left_out = ["environment", "features", "project", "tls"]
    # [systemd]
    left_out += ["systemd"]
    # [/systemd]
    paths += [f"--ignore=devkit/tests/{name}" for name in left_out]
    run(root, root / ".venv/bin/python", "-m", "pytest", "-q", "-n", "2", "-m", unit, typed, *paths)


def test_every_pattern_of_a_declaration_leads_to_files_and_every_word_is_used() -> None:
    lines = [line for path, text in committed_texts() for line in [path, *text.splitlines()]]
    for capability in THERE.values():
        assert [pattern for pattern in capability.files if not any(ROOT.glob(pattern))] == []
        assert {*capability.needs, *capability.one_of} <= set(THERE)
        unused = set(capability.words)
        for line in lines:
            unused -= {word for word in unused if re.search(word, line)}
        assert unused == set()


def test_no_file_belongs_to_two_capabilities_but_what_is_marked_as_where_they_meet() -> None:
    """A pattern that a declaration marks for another capability goes with that one, and so do its files."""
    for one, other in itertools.combinations(THERE, 2):
        apart = [alone(one, other), alone(other, one)]
        assert not set.intersection(*(set(each.all_files(ROOT)) for each in apart)), (one, other)


def alone(name: str, removed: str) -> Capability:
    """Return a capability as it is declared once another one has been removed."""
    text = without((ROOT / DECLARED / f"{name}.toml").read_text(encoding="utf-8"), removed)
    return Capability.model_validate({"name": name, **tomllib.loads(text)})
