"""The documented rotation of passwords: each server gets one of its own, and none is seen on a command line.

The nox session `docker` runs the block in real containers. Here a stand-in for `docker exec` hands its commands to a
native RabbitMQ, and notes every command line; MongoDB's shell, which exists in containers only, is noted.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.plugins.queue import up
from testing.servers import Servers

from .blocks import ROOT, blocks

CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
NAMES = ("MONGO_PASSWORD", "REDIS_PASSWORD", "RABBITMQ_PASSWORD")
DOCKER = f"""#!{sys.executable}
import json, os, subprocess, sys
words = sys.argv[1:]
with open(os.environ["NOTED"], "a") as noted:
    noted.write(json.dumps([words, os.environ.get("NEW", "")]) + "\\n")
if "rabbitmqctl" in words[-1]:
    node = json.loads(os.environ["NODE"])
    path = os.path.dirname(os.environ["CONTROL"]) + os.pathsep + os.environ["PATH"]
    sys.exit(subprocess.run(words[3:], env={{**os.environ, **node, "PATH": path}}).returncode)
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A RabbitMQ of its own, for its password is changed."""
    servers = Servers(tmp_path_factory.mktemp("rotation") / "data")
    with servers:
        up(servers, "rabbitmq")
        yield servers


def environment(node: Servers) -> dict[str, str]:
    """Return what tells rabbitmqctl where the node is."""
    raw = Path(f"/proc/{node.pid('rabbitmq')}/environ").read_bytes().decode()
    return dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)


def accepts(node: Servers, password: str) -> bool:
    command = [CONTROL, "authenticate_user", "product"]
    environ = {**os.environ, **environment(node)}
    return subprocess.run(command, env=environ, input=f"{password}\n", capture_output=True, text=True).returncode == 0


@pytest.mark.integration
@pytest.mark.skipif(not Path(CONTROL).exists(), reason="RabbitMQ is not installed as Debian does it")
def test_each_server_gets_a_password_of_its_own_that_no_command_line_shows(node: Servers, tmp_path: Path) -> None:
    (block,) = [each for each in blocks("docs/operations.md") if "change_password" in each.text]
    programs, noted, settings = tmp_path / "bin", tmp_path / "noted", tmp_path / ".env.local"
    programs.mkdir()
    old = {name: node.environ[name] for name in NAMES}
    settings.write_text("".join(f"{name}={value}\n" for name, value in old.items()) + "SECRET_KEY=kept\n")
    settings.chmod(0o600)
    shutil.copy(ROOT / ".env", tmp_path)
    # What `invoke install` does with secrets that are missing; `invoke up` has nothing to start here.
    code = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from devkit import local_secrets"
    code += "; local_secrets.complete(Path('.env.local'))"
    (programs / "invoke").write_text(f'#!/bin/sh\n[ "$1" != install ] || exec {sys.executable} -c "{code}" {ROOT}\n')
    (programs / "docker").write_text(DOCKER)
    for program in programs.iterdir():
        program.chmod(0o755)
    environ = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "NOTED": str(noted), "CONTROL": CONTROL}
    environ["NODE"] = json.dumps(
        {k: v for k, v in environment(node).items() if k.startswith(("RABBITMQ_", "ERL_", "HOME"))}
        | {"RABBITMQ_USER": node.environ["RABBITMQ_USER"]}
    )
    done = subprocess.run(
        [str(shutil.which("bash")), "-ec", block.text], cwd=tmp_path, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    new = dict(line.split("=", 1) for line in settings.read_text().splitlines())
    fresh = {new[name] for name in NAMES}
    assert len(fresh | set(old.values())) == 6
    assert new["SECRET_KEY"] == "kept"
    assert settings.stat().st_mode & 0o077 == 0

    assert accepts(node, new["RABBITMQ_PASSWORD"])
    assert not accepts(node, old["RABBITMQ_PASSWORD"])
    calls = [json.loads(line) for line in noted.read_text().splitlines()]
    assert not any(secret in word for words, _ in calls for word in words for secret in fresh)
    assert [given for words, given in calls if "mongosh" in words] == [new["MONGO_PASSWORD"]]
    assert not any(secret in done.stdout + done.stderr for secret in fresh)


def test_no_document_puts_a_secret_on_a_command_line() -> None:
    """A variable that an option or an argument is made of is read by everybody who lists the processes."""
    shown = re.compile(r"(?i)--env[= ]\"?\w+=|--password|change_password +\S+ +[^\s|;]|requirepass|-p\"?\$|:\$\w*pass")
    pages = ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
    found = [each.place for page in pages for each in blocks(page) if each.language == "sh" and shown.search(each.text)]
    assert found == []
