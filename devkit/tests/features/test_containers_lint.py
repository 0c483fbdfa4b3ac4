"""What `invoke lint` refuses of Dockerfiles and of the files of Compose."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from devkit.check import _program
from devkit.containers.linting import commands

from .copies import ROOT

# The checkers are not where the usual run of the tests is.
pytestmark = pytest.mark.features
FILES = [*ROOT.glob("services/*/Dockerfile"), *ROOT.glob("docker/*.yml"), *ROOT.glob("docker/servers/*.yml")]
NAMES = [path.relative_to(ROOT).as_posix() for path in FILES]


def linted(folder: Path, changes: Mapping[str, tuple[str, str]]) -> tuple[int, str]:
    """Check the files as they would be with some words replaced; return the highest exit code and what was said."""
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name, (old, new) in changes.items():
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    done = [subprocess.run(each, cwd=folder, capture_output=True, text=True) for each in commands(NAMES, _program)]
    return max(each.returncode for each in done), "".join(each.stdout + each.stderr for each in done)


def test_the_files_as_they_are_pass(tmp_path: Path) -> None:
    assert linted(tmp_path, {})[0] == 0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("docker/project.yml", ("cap_drop: [ALL]", "cap_dropp: [ALL]")),
        ("docker/servers/mongo.yml", ("healthcheck: {test:", "healthcheck: {tests:")),
        ("services/api/Dockerfile", ("USER 10001:10001", "USER 10001:10001\nRUN cd /tmp && sudo true")),
    ],
)
def test_what_is_misspelt_or_unwise_is_refused_and_its_file_named(
    tmp_path: Path, name: str, change: tuple[str, str]
) -> None:
    code, said = linted(tmp_path, {name: change})
    assert code != 0
    assert name in said
