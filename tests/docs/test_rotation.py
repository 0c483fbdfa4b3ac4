"""The documented rotation of passwords: each server gets one of its own, and none is seen on a command line.

The nox session `docker` runs the block in real containers. Here a stand-in for `docker exec` notes every command line,
and hands those for the broker to a native one; MongoDB's shell, which exists in containers only, is noted alone.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from common import brokers
from devkit.servers.selection import SERVERS
from devkit.servers.server import Context
from devkit.terminal import CommandError
from testing.brokers import ON_EACH
from testing.plugins.queue import up
from testing.servers import Servers

from .blocks import ROOT, blocks

NAMES = ("MONGO_PASSWORD", *(kind.password_key for kind in brokers.kinds()))
DOCKER = f"""#!{sys.executable}
import json, os, subprocess, sys
words = sys.argv[1:]
with open(os.environ["NOTED"], "a") as noted:
    noted.write(json.dumps([words, os.environ.get("NEW", "")]) + "\\n")
if words[2].endswith("-" + os.environ["KIND"] + "-1"):
    node = json.loads(os.environ["NODE"])
    path = os.environ["PROGRAMS"] + os.pathsep + os.environ["PATH"]
    sys.exit(subprocess.run(words[3:], env={{**os.environ, **node, "PATH": path}}).returncode)
"""


def environment(node: Servers, broker: str) -> dict[str, str]:
    """Return what tells a control program where the server is, and the account's name."""
    own = {name: node.environ[name] for name in brokers.named(broker).named_after_project}
    return {**psutil.Process(node.pid(broker)).environ(), **own}


def accepts(node: Servers, broker: str, passwords: dict[str, str]) -> bool:
    try:
        return Servers(node.data, {**node.environ, **passwords}, node.started).answers(broker)
    except CommandError:
        return False


def write_programs(folder: Path) -> None:
    """Write `docker` and `invoke`."""
    folder.mkdir()
    # What `invoke install` does with secrets that are missing; `invoke up` has nothing to start here.
    code = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from devkit import local_secrets"
    code += "; local_secrets.complete(Path('.env.local'))"
    (folder / "invoke").write_text(f'#!/bin/sh\n[ "$1" != install ] || exec {sys.executable} -c "{code}" {ROOT}\n')
    (folder / "docker").write_text(DOCKER)
    for program in folder.iterdir():
        program.chmod(0o755)


@ON_EACH
@pytest.mark.integration
def test_each_server_gets_a_password_of_its_own_that_no_command_line_shows(broker: str, tmp_path: Path) -> None:
    (block,) = [each for each in blocks("docs/operations.md") if "changeUserPassword" in each.text]
    programs, noted, settings = tmp_path / "bin", tmp_path / "noted", tmp_path / ".env.local"
    write_programs(programs)
    shutil.copy(ROOT / ".env", tmp_path)
    with Servers(tmp_path / "data") as node:
        up(node, broker)
        old = {name: node.environ[name] for name in NAMES}
        settings.write_text("".join(f"{name}={value}\n" for name, value in old.items()) + "SECRET_KEY=kept\n")
        settings.chmod(0o600)
        environ = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "NOTED": str(noted), "KIND": broker}
        environ["PROGRAMS"] = str(Path(SERVERS[broker](Context(node.data, node.environ)).binary()).parent)
        environ["NODE"] = json.dumps(environment(node, broker))
        done = subprocess.run(
            [str(shutil.which("bash")), "-ec", block.text], cwd=tmp_path, env=environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        new = dict(line.split("=", 1) for line in settings.read_text().splitlines())
        calls = [json.loads(line) for line in noted.read_text().splitlines()]
        if not any(words[2].endswith(f"-{broker}-1") for words, _ in calls):
            # It is not told, for it takes the password at its next start: `invoke up`.
            node.down(broker)
            node.environ |= {name: new[name] for name in NAMES}
            node.up(broker)
        assert accepts(node, broker, {name: new[name] for name in NAMES})
        assert not accepts(node, broker, old)
    fresh = {new[name] for name in NAMES}
    assert len(fresh | set(old.values())) == 2 * len(NAMES)
    assert new["SECRET_KEY"] == "kept"
    assert settings.stat().st_mode & 0o077 == 0

    assert not any(secret in word for words, _ in calls for word in words for secret in fresh)
    assert [given for words, given in calls if "mongosh" in words] == [new["MONGO_PASSWORD"]]
    assert not any(secret in done.stdout + done.stderr for secret in fresh)
