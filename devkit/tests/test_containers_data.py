"""After a rename the volumes of the former name are told of, with the commands that move what they hold."""

import json
import sys
from pathlib import Path

from .conftest import commit, git, run_in

OLD, NEW = "q-before", "q-after"
DOCKER = """#!/bin/sh
[ "$1 $2" = "volume ls" ] || exit 1
echo "$@" | grep -qF "name=^{name}_mongo$" && echo {name}_mongo
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


def test_a_volume_of_a_former_name_is_found_by_the_history_of_the_settings(repository: Path, tmp_path: Path) -> None:
    settings = repository / ".env"
    text = settings.read_text()
    current = next(line for line in text.splitlines() if line.startswith("PROJECT="))
    for name in ("q-first", OLD, NEW):
        settings.write_text(text.replace(current, f"PROJECT={name}"))
        commit(repository, f"chore: rename to {name}")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER.format(name=OLD))
    (programs / "docker").chmod(0o755)
    path = f"{programs}:{Path(sys.executable).parent}:/usr/bin:/bin"
    environ = {"PATH": path, "PROJECT": NEW, "MONGO_USER": ""}
    found = json.loads(run_in(repository, "-c", FORMER, **environ).stdout)
    assert list(found) == [OLD]
    assert f"PROJECT={OLD} invoke db-backup backups/{OLD}.bson.gz" in found[OLD]
    assert found[OLD][-1] == f"invoke db-restore backups/{OLD}.bson.gz --yes"
    assert json.loads(run_in(repository, "-c", FORMER, **environ, COMPOSE_PROJECT_NAME="mine").stdout) == {}
    assert git(repository, "status", "--porcelain") == ""
