"""A repository that each test may change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .copies import commit, copy_without, git


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with one commit."""
    root = copy_without([], tmp_path_factory.mktemp("committed"))
    commit(root)
    return root


@pytest.fixture
def root(committed: Path) -> Iterator[Path]:
    first = git(committed, "rev-parse", "HEAD")
    yield committed
    git(committed, "reset", "--hard", "--quiet", first)
    git(committed, "clean", "-d", "--force", "--quiet")
