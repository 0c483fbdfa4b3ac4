"""What documents are tried on: a clone with ports, data and secrets of its own for commands, a stack for requests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.conftest import Stack

from devkit import env
from testing.servers import unused_ports
from testing.variations import VARIATIONS

from .blocks import ROOT

PORTS = env.port_keys()
# What a session of coverage or a developer's shell sets for its own processes is not for the clone's.
FOREIGN = ("API_APP", "COVERAGE_", "PYTEST_", "PYTHONPATH", "VIRTUAL_ENV")


@dataclass
class Scratch:
    """The clone, and the shell in it."""

    root: Path
    environ: dict[str, str]

    def bash(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.root,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            # Ends what hangs; the longest document takes a busy machine more than five minutes.
            timeout=900,
        )

    def must(self, script: str) -> None:
        done = self.bash(f"set -e; {script}")
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    """Provide the clone of all documents: what takes long is its environment, installed once, from the locks."""
    made = Scratch(tmp_path_factory.mktemp("documents"), environ())
    for path in committed():
        (made.root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, made.root / path)
    settings = [f"{key}={port}" for key, port in zip(PORTS, unused_ports(len(PORTS)), strict=True)]
    (made.root / ".env.local").write_text("\n".join([*settings, ""]))
    made.must("git init --quiet --initial-branch main; git add --all")
    made.must("git config user.name Ada; git config user.email ada@work.example")
    made.must("git commit --quiet --message 'feat: begin'")
    yield made
    # The environment holds hundreds of megabytes, and pytest keeps the folders of three runs.
    shutil.rmtree(made.root)


@pytest.fixture
def scratch(clone: Scratch) -> Iterator[Scratch]:
    """Provide the clone as it is after the first line of the README, whatever the document before did."""
    clone.must("invoke install")
    settings = (clone.root / ".env.local").read_bytes()
    yield clone
    # By the copy's own Python: this one would empty the data of the repository itself.
    clone.must(".venv/bin/python -m devkit db-reset --yes")
    clone.must("git reset --quiet --hard $(git rev-list --max-parents=0 HEAD)")
    clone.must("git clean --quiet -ffdx --exclude=.venv --exclude=.env.local")
    (clone.root / ".env.local").write_bytes(settings)


@pytest.fixture(scope="session", params=VARIATIONS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Provide the running stack, in each variation."""
    with ExitStack() as stops:
        yield Stack(tmp_path_factory.mktemp(request.param), VARIATIONS[request.param], stops)


def committed() -> list[str]:
    """Return the files that a commit of everything would hold now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def environ() -> dict[str, str]:
    """Return an environment with the programs of this one and no settings but the index to install from."""
    known = env.read(ROOT / ".env")
    own = {key: value for key, value in os.environ.items() if key not in known and not key.startswith(FOREIGN)}
    if index := env.load().get("PYPI_INDEX_URL"):
        own["PYPI_INDEX_URL"] = index
    path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
    return own | {"PATH": path, "NO_COLOR": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
