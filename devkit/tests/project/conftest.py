"""The starter that products of the tests are made from, and who commits them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..features.copies import commit, copy_without, run

# Where the starter comes from; the clone that products are made from knows it with an account.
ORIGIN = "https://git.example/team/starter.git"


@pytest.fixture(scope="module", autouse=True)
def identity() -> Iterator[None]:
    """Somebody whose commits it makes."""
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "somebody")
            patch.setenv(f"GIT_{who}_EMAIL", "somebody@example.com")
        yield


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A repository of what a commit would hold now, with one commit, a release and a changelog."""
    root = copy_without([], tmp_path_factory.mktemp("starter") / "starter")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.0\n\n- of the starter\n", encoding="utf-8")
    commit(root)
    run(root, "git", "tag", "v1.2.0")
    run(root, "git", "remote", "add", "origin", ORIGIN.replace("://", "://somebody:secret@"))
    yield root
    shutil.rmtree(root)
