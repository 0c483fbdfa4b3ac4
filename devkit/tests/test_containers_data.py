"""After a rename the volumes of the former name are told of, with the commands that move what they hold."""

import json
import sys
from pathlib import Path

import pytest

from .conftest import commit, git, run_in

OLD, NEW = "q-before", "q-after"
DOCKER = """#!/bin/sh
# Stands for an engine that has nothing but one volume, and for Compose, which starts what it is told to.
case "$1 $2" in
"volume ls") echo "$@" | grep -qF "name=^{name}_mongo$" && echo {name}_mongo ;;
"compose version" | "version --format") echo 2.30.0 ;;
esac
exit 0
"""
FORMER = """
import json, os
from pathlib import Path
from devkit import env
from devkit.containers.server_backend import former
from devkit.servers.server import Context
print(json.dumps(former(Context(Path(), env.load()))))
"""


@pytest.fixture
def renamed(repository: Path) -> Path:
    """A repository whose product had three names."""
    settings = repository / ".env"
    text = settings.read_text()
    current = next(line for line in text.splitlines() if line.startswith("PROJECT="))
    for name in ("q-first", OLD, NEW):
        settings.write_text(text.replace(current, f"PROJECT={name}"))
        commit(repository, f"chore: rename to {name}")
    return repository


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Settings of the present name, and an engine with the volume of a former one."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER.format(name=OLD))
    (programs / "docker").chmod(0o755)
    path = f"{programs}:{Path(sys.executable).parent}:/usr/bin:/bin"
    return {"PATH": path, "PROJECT": NEW, "MONGO_USER": "", "MONGO_DATABASE": "", "MONGO_URL": ""}


def test_a_volume_of_a_former_name_is_found_by_the_history_of_the_settings(
    renamed: Path, environ: dict[str, str]
) -> None:
    found = json.loads(run_in(renamed, "-c", FORMER, **environ, DB_BACKEND="docker").stdout)
    assert list(found) == [OLD]
    assert f"PROJECT={OLD} invoke db-backup backups/{OLD}.bson.gz" in found[OLD]
    assert found[OLD][-1] == f"invoke db-restore backups/{OLD}.bson.gz --yes"
    chosen = {**environ, "COMPOSE_PROJECT_NAME": "mine"}
    assert json.loads(run_in(renamed, "-c", FORMER, **chosen).stdout) == {}
    assert git(renamed, "status", "--porcelain") == ""


def test_a_start_in_containers_tells_of_the_former_volume_too(renamed: Path, environ: dict[str, str]) -> None:
    """Whatever runs the servers of a developer: each command that is named says that it means the containers."""
    done = run_in(renamed, "-m", "devkit", "up", **environ)
    assert done.returncode == 0, done.stderr
    assert f"the database {NEW} lacks what {OLD} holds" in done.stderr
    named = [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")]
    assert named == [
        "invoke down",
        f"DB_BACKEND=docker PROJECT={OLD} invoke db-up --only mongo",
        f"DB_BACKEND=docker PROJECT={OLD} invoke db-backup backups/{OLD}.bson.gz",
        f"DB_BACKEND=docker PROJECT={OLD} invoke db-down",
        "DB_BACKEND=docker invoke db-up --only mongo",
        f"DB_BACKEND=docker invoke db-restore backups/{OLD}.bson.gz --yes",
    ]
    own = run_in(renamed, "-m", "devkit", "up", **{**environ, "MONGO_DATABASE": "trial"})
    assert (own.returncode, "lacks" in own.stderr) == (0, False)
