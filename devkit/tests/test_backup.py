"""`invoke db-backup`, `db-rehearse` and `db-restore` in a copy of the repository, on servers of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Servers, give_venv, run_in

Invoke = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def root(clone: Path) -> Path:
    """A copy whose `.venv` is up to date, and is this Python with all that it has."""
    shutil.copy(ROOT / ".gitignore", clone)
    give_venv(clone)
    return clone


@pytest.fixture
def invoke(root: Path, servers: Servers) -> Invoke:
    """Types a command at the root of the copy, or in a folder below."""

    def type_it(*arguments: str, folder: str = ".", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "invoke", *arguments],
            cwd=root / folder,
            env={**servers.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return type_it


@pytest.mark.integration
def test_what_was_saved_is_restored_on_the_native_servers(root: Path, servers: Servers, invoke: Invoke) -> None:
    servers.rows("up", "--only", "mongo")
    assert invoke("db-indexes").returncode == 0
    saved = invoke("db-backup")
    assert saved.returncode == 0, saved.stderr
    [file] = (root / "backups").iterdir()
    assert f"invoke db-restore {file}" in saved.stdout

    for line in (["db-rehearse"], ["db-rehearse", f"backups/{file.name}"]):
        rehearsed = invoke(*line)
        assert (rehearsed.returncode, "is whole" in rehearsed.stdout) == (0, True), rehearsed.stderr
    again = invoke("db-backup", "--keep", "1")
    assert (again.returncode, f"removed {file}" in again.stderr) == (0, True), again.stderr
    [file] = (root / "backups").iterdir()

    other = {"MONGO_DATABASE": "other"}
    # It lets the accounts use that database.
    servers.rows("up", "--only", "mongo", **other)
    refused = invoke("db-restore", str(file), **other)
    assert (refused.returncode, "--yes" in refused.stderr) == (1, True)
    assert invoke("db-indexes", "--check", **other).returncode == 1
    restored = invoke("db-restore", "--yes", f"backups/{file.name}", **other)
    assert restored.returncode == 0, restored.stderr
    assert invoke("db-indexes", "--check", **other).returncode == 0


@pytest.mark.parametrize("keep", ["0", "-1", "some"])
def test_to_keep_none_is_refused(root: Path, invoke: Invoke, keep: str) -> None:
    done = invoke("db-backup", f"--keep={keep}")
    assert (done.returncode, "--keep" in done.stderr, (root / "backups").exists()) == (2, True, False), done.stderr


@pytest.mark.parametrize("arguments", [["there/new"], ["--file", "there/new"], ["--file=there/new"]])
def test_a_file_is_looked_for_where_the_person_is(root: Path, invoke: Invoke, arguments: list[str]) -> None:
    done = invoke("db-backup", *arguments, folder="libs")
    assert f"{root}/libs/there: is no folder" in done.stderr
    assert done.returncode == 2


def test_a_file_to_restore_has_to_be_named(invoke: Invoke) -> None:
    done = invoke("db-restore")
    assert (done.returncode, "file" in done.stderr) == (1, True)


def test_backups_are_neither_committed_nor_cleaned(root: Path) -> None:
    precious = root / "backups" / "precious.bson.gz"
    precious.parent.mkdir()
    precious.write_text("")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    ignored = subprocess.run(["git", "check-ignore", "--quiet", str(precious)], cwd=root, check=False)
    assert ignored.returncode == 0
    assert run_in(root, "-m", "devkit", "clean", "--data", "--yes").returncode == 0
    assert os.listdir(precious.parent) == [precious.name]
