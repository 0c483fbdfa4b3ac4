"""Combinations of capabilities in which each two of them meet in every way: both there, one of them, none."""

import itertools
import random
from collections.abc import Mapping

from devkit.capability.declaration import Capability, with_users

# Rows to choose from: in so many, each possible situation of two occurs many times.
_POOL = 600
Situation = tuple[str, bool, str, bool]


def combinations(capabilities: Mapping[str, Capability]) -> list[list[str]]:
    """Return rows of names that are removed together, a dozen or fewer for up to twenty capabilities.

    From a pool of possible rows the one is taken that has the most situations of two that no earlier row had, until
    none is missing. The pool is the same in each run.
    """
    pool = _possible_rows(sorted(capabilities), capabilities)
    missing = set().union(*(situations(row, capabilities) for row in pool))
    rows = []
    while missing:
        best = max(pool, key=lambda row: len(missing & situations(row, capabilities)))
        missing -= situations(best, capabilities)
        rows.append(sorted(best))
    return rows


def situations(removed: set[str], capabilities: Mapping[str, Capability]) -> set[Situation]:
    """Return each two capabilities, and whether each of them is removed."""
    return {(one, one in removed, other, other in removed) for one, other in itertools.combinations(capabilities, 2)}


def _possible_rows(names: list[str], capabilities: Mapping[str, Capability]) -> list[set[str]]:
    choices = random.Random(0)  # noqa: S311 - no secret
    return [
        _possible({name for name in names if choices.random() < 1 / 2}, choices, capabilities) for _ in range(_POOL)
    ]


def _possible(removed: set[str], choices: random.Random, capabilities: Mapping[str, Capability]) -> set[str]:
    """Return the names and those of what cannot do without one of them, but one of several that something needs."""
    for one in capabilities.values():
        if one.one_of and one.name not in removed and removed.issuperset(one.one_of):
            removed = removed - {choices.choice(one.one_of)}
    return set(with_users(sorted(removed), capabilities))
