"""Products made without some capabilities, as somebody begins with them: the first minute, and all that is theirs."""

import sys
from pathlib import Path

import pytest

from common.discovery import modules_of
from devkit.capability.declaration import STARTER, capabilities
from devkit.feature.delete import features
from devkit.git import git

from ..features.copies import ROOT, run, run_here
from . import complete
from .pairs import combinations
from .remains import repository

# As long as a name can be, with a digit where a word begins, and no word of this repository.
NAME = "q9-zebra-0-in-a-long-name-up-to-forty-ch"
THERE = capabilities(ROOT)
_ROWS = [[name for name in row if name != STARTER] for row in combinations(THERE)]
# Nothing, everything, and the two rows that leave out most and least of what can be left out.
_PARTS = sorted((row for row in _ROWS if 0 < len(row) < len(THERE) - 1), key=len)
COMPLETE = [[], [name for name in THERE if name != STARTER], _PARTS[0], _PARTS[-1]]


@pytest.mark.matrix
@pytest.mark.whole
@pytest.mark.parametrize("left_out", COMPLETE, ids=lambda names: "-".join(names) or "nothing")
def test_a_product_runs_at_once_passes_its_suite_and_builds_its_images(left_out: list[str], tmp_path: Path) -> None:
    starter, product = repository(tmp_path / "starter"), tmp_path / NAME
    options = ("--without", ",".join(left_out)) if left_out else ()
    run_here(starter, "-m", "devkit", "new", "project", str(product), "--yes", *options)
    told = f"made with {', '.join(features(product))}{', without' if left_out else '.'}"
    assert told in (product / "README.md").read_text(encoding="utf-8")
    caches = {"UV_CACHE_DIR": str(tmp_path / "cache")}
    first_minute = ROOT / ".ci" / "first_minute.py"
    run(product, sys.executable, first_minute, product, "a product", "dev", "invoke dev", **caches)
    run(product, "nox", "--session", f"tests-{sys.version_info.major}.{sys.version_info.minor}")
    for part in modules_of(complete):
        part.check(product)
    assert git("-C", str(product), "status", "--porcelain") == ""
