"""The stack, started in a shell where another project has set everything that a library reads."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from devkit import ROOT
from devkit.servers.private import private_environ
from devkit.servers.selection import SERVERS
from devkit.stack.private import DEVELOPMENT, PrivateStack

from .variables import NEUTRALISED, WANTED

SET = {name: value for name, (value, _) in WANTED.items() if value is not None}


@dataclass
class Running:
    """The stack, started in a shell where everything is set."""

    parts: dict[str, dict[str, Any]]
    environ: dict[str, str]
    data: Path

    @cached_property
    def seen(self) -> list[tuple[str, str]]:
        """The parts, and the names that each of their processes has in its environment."""
        found = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in found.splitlines()]
        mains = {int(known["pid"]): part for part, known in self.parts.items() if part not in SERVERS}
        all_pids = [*mains.items(), *((pid, mains[parent]) for pid, parent in pairs if parent in mains)]
        return [(part, _names(pid)) for pid, part in all_pids]

    def command(self, *arguments: str, name: str) -> subprocess.CompletedProcess[str]:
        """Run a module with one of the harmful variables."""
        environ = {key: text for key, text in self.environ.items() if key not in NEUTRALISED}
        environ[name] = NEUTRALISED.get(name, ("", ""))[0]
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("environment")
    hostile = {name: value for name, (value, _) in NEUTRALISED.items()}
    environ = {**private_environ(MONGO_DATABASE="test_environment"), **SET, **hostile}
    stack = PrivateStack(folder, environ, command=DEVELOPMENT)
    with stack:
        yield Running(stack.components, environ, stack.data)
    assert stack.process.returncode == 0, stack.said


def _names(pid: int) -> str:
    """Return the names of a process's variables, each at the beginning of a line and before `=`."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return "".join(f"\n{entry.partition('=')[0]}=" for entry in entries)
