"""Two builds of one commit hold the same files, whenever and wherever they are made."""

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from devkit.bootstrap import packages

from .conftest import ROOT


def checkout(project: Path, folder: Path, *, time: float, umask: int) -> Path:
    """Copy a package as another machine would have it: at another place and time, under another umask."""
    place = folder / project.relative_to(ROOT)
    shutil.copytree(project, place, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / ".env", folder)
    for path in (place, *place.rglob("*")):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
        os.utime(path, (time, time))
    return place


def files(wheel: Path) -> dict[str, tuple[int, str]]:
    """Return the modes and hashes of what a wheel holds, by its names."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            each.filename: (each.external_attr >> 16, hashlib.sha256(archive.read(each)).hexdigest())
            for each in archive.infolist()
        }


def built(project: Path, folder: Path) -> Path:
    (wheel,) = WheelBuilder(str(project)).build(directory=str(folder), versions=["standard"])
    return Path(wheel)


@pytest.mark.parametrize("project", packages(), ids=lambda project: project.name)
def test_a_package_built_twice_is_the_same(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = built(checkout(project, tmp_path / "first", time=1_700_000_000, umask=0o022), tmp_path / "one")
    second = built(checkout(project, tmp_path / "a" / "second", time=1_800_000_000, umask=0o077), tmp_path / "two")
    assert files(first) == files(second)
    assert len(files(first)) > 4
    assert first.read_bytes() == second.read_bytes()
