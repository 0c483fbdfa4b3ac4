"""Capabilities removed together, so that each two of them meet in every way that is possible."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from devkit.capability.declaration import Capability, capabilities
from devkit.capability.delete import delete

from ..features.copies import ROOT, commit, copy_without, run_here
from .pairs import Situation, combinations, situations
from .remains import IMPORT_ALL, dangling, mentions

THERE = capabilities(ROOT)
COMBINATIONS = combinations(THERE)


def capability(name: str, *needs: str, one_of: tuple[str, ...] = ()) -> Capability:
    return Capability(name=name, title="", files=(), words=(), needs=needs, one_of=one_of)


def all_situations(names: Iterable[str], rows: list[list[str]]) -> set[Situation]:
    there = {name: capability(name) for name in names}
    return set().union(*(situations(set(row), there) for row in rows))


@pytest.mark.parametrize("count", [0, 1, 2, 9, 20])
def test_each_two_of_any_number_meet_in_every_way(count: int) -> None:
    names = [f"c{number}" for number in range(count)]
    rows = combinations({name: capability(name) for name in names})
    assert len(rows) <= 12
    assert len(all_situations(names, rows)) == 4 * count * (count - 1) / 2


def test_what_is_not_possible_is_in_no_row() -> None:
    there = [
        capability("a", "b"),
        capability("b"),
        capability("c"),
        capability("d"),
        capability("e", one_of=("c", "d")),
    ]
    rows = combinations({one.name: one for one in there})
    found = all_situations("abcde", rows)
    assert ("a", False, "b", True) not in found
    assert not [row for row in rows if {"c", "d"} <= {*row} and "e" not in row]
    assert len(found) == 4 * 10 - 1


def test_the_capabilities_that_are_there_meet_in_a_dozen_rows() -> None:
    assert len(COMBINATIONS) <= 12
    assert {name for row in COMBINATIONS for name in row} == set(THERE)


@pytest.mark.matrix
@pytest.mark.parametrize("names", COMBINATIONS, ids=lambda names: "-".join(names) or "nothing")
def test_what_remains_says_nothing_of_what_is_gone_and_can_be_imported(names: list[str], tmp_path: Path) -> None:
    root = copy_without([], tmp_path / "product")
    for name in names:
        delete(THERE[name], root)
    run_here(root, "-m", "devkit", "openapi")
    commit(root)
    found = mentions(root, [THERE[name] for name in names])
    # The locks are made anew by the command, which takes longer; those of each capability alone are tested so.
    assert [line for line in found if not line.startswith("requirements/")] == []
    assert list(dangling(root)) == []
    run_here(root, "-c", IMPORT_ALL)
