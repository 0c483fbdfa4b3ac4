"""The tools as processes, on ports, data and secrets of their own, and copies of the repository to change at will."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
from invoke.context import Context
from invoke.exceptions import Exit

from devkit.commands.command import Command
from devkit.process import started_at
from devkit.servers.private import Servers as PrivateServers
from devkit.servers.private import private_environ as fresh_environ
from devkit.servers.selection import SERVERS

from .started import Spawn, end, started_processes

ROOT = Path(__file__).resolve().parents[2]
# The server that starts soonest, for what is the same with any of them.
QUICK = [name for name, server in SERVERS.items() if not server.starts_in_seconds][-1]
QUICK_PORT, QUICK_PASSWORD = SERVERS[QUICK].port_key, SERVERS[QUICK].password_key
# No configuration of this machine's developer reaches git.
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def private_environ(root: Path = ROOT, /, **changes: str) -> dict[str, str]:
    """Return an environment without the developer's own settings, in which the code of `root` runs."""
    # A copy of the repository must never run the installed package, for that would change this repository.
    own = {"PYPI_INDEX_URL": "", "NO_COLOR": "1", "PYTHONPATH": str(root / "devkit" / "src")}
    return fresh_environ(**own | changes)


@dataclass
class Servers:
    """The commands about servers, `python -m devkit db-...`, on one data folder."""

    data: Path
    environ: dict[str, str] = field(default_factory=private_environ)

    def command(self, *arguments: str) -> list[str]:
        action, *options = arguments
        return [sys.executable, "-m", "devkit", f"db-{action}", *options, "--data", str(self.data)]

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def rows(self, *arguments: str, **environ: str) -> dict[str, dict[str, Any]]:
        """What a command that must succeed says as JSON."""
        done = self.run(*arguments, "--json", **environ)
        assert done.returncode == 0, done.stderr
        rows: dict[str, dict[str, Any]] = json.loads(done.stdout)
        return rows

    def processes(self, name: str) -> list[int]:
        """The pids of a server's processes, its own first."""
        known = json.loads((self.data / name / "state.json").read_text())
        return [int(each["pid"]) for each in known["processes"]]

    def kill(self, name: str) -> None:
        """kill -9 a server, as a crash would."""
        os.kill(self.processes(name)[0], signal.SIGKILL)


def listening(pid: int) -> set[str]:
    """The addresses that a process listens on."""
    connections = psutil.Process(pid).net_connections("tcp")
    return {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    tool = Servers(tmp_path / "data")
    yield tool
    # In this process, for another one would take longer to start than the servers to stop.
    PrivateServers(tool.data, tool.environ, set(SERVERS)).down()


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Starts processes that end with the test, also when it fails half-way."""
    with started_processes() as start:
        yield start


FAKE_STACK = Path(__file__).with_name("fake_stack.py")


def eventually(condition: Callable[[], object], timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@dataclass
class Stack:
    """A running supervisor and what it said."""

    folder: Path
    environ: dict[str, str] = field(default_factory=private_environ)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def port(self) -> int:
        return int(self.environ["API_PORT"])

    def start(
        self, *behaviours: str, through: tuple[str, ...] = (), stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        watched = self.folder / "code"
        watched.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"output-{len(self.running)}").open("wb") as output:
            process = subprocess.Popen(
                [*through, sys.executable, str(FAKE_STACK), str(self.data), str(self.port), str(watched), *behaviours],
                cwd=ROOT,
                env={**self.environ, "PYTHONUNBUFFERED": "1"},
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Under nohup the tests themselves ignore it, and what they start would inherit that.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )
        self.running.append(process)
        return process

    def output(self) -> str:
        return (self.folder / f"output-{len(self.running) - 1}").read_text()

    def ready(self) -> None:
        # Where other programs run too, a server alone can need half a minute.
        eventually(lambda: "Ctrl-C stops" in self.output() or self.running[-1].poll() is not None, timeout=60)
        assert self.running[-1].poll() is None, self.output()

    def ended(self) -> int:
        """The exit code, once it has ended."""
        return self.running[-1].wait(30)

    def pids(self) -> dict[str, int]:
        processes = json.loads((self.data / "run" / "stack.json").read_text())["processes"]
        return {name: each["pid"] for name, each in processes.items()}


def alive(pids: dict[str, int]) -> list[str]:
    return [name for name, pid in pids.items() if started_at(pid) is not None]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    yield made
    for process in made.running:
        end(process, patience=30)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what the tools need of the repository, to be changed, without .venv and .env.local."""
    root = tmp_path / "clone"
    copy_tools(root)
    return root


def copy_tools(root: Path) -> None:
    """Copy what the tools need of the repository."""
    for name in ("devkit/src", "deploy/servers", "requirements"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    projects = [path for pattern in ("", "*/*/", "devkit/") for path in ROOT.glob(f"{pattern}pyproject.toml")]
    for path in (ROOT / ".env", *projects):
        (root / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, root / path.relative_to(ROOT))


def run_in(root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run this Python at the root of a copy."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**private_environ(root), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


INVOKE = "import sys; from invoke.main import program; sys.exit(program.run())\n"
STAMP = 'from devkit import bootstrap; (bootstrap.VENV / "stamp").write_text(bootstrap.fingerprint())'


def give_venv(root: Path) -> None:
    """Give a copy its commands and a `.venv` that is up to date: this Python, with all that it has."""
    shutil.copy(ROOT / "tasks.py", root)
    programs = root / ".venv" / "bin"
    programs.mkdir(parents=True)
    search = shlex.quote(str(root / "devkit" / "src"))
    (programs / "python").write_text(f'#!/bin/sh\nPYTHONPATH={search} exec {shlex.quote(sys.executable)} "$@"\n')
    (programs / "python").chmod(0o755)
    (programs / "invoke").write_text(INVOKE)
    (root / ".venv" / "pyvenv.cfg").write_text("version_info = 3.12.1\n")
    (root / ".env.local").touch(0o600)
    assert run_in(root, "-c", STAMP).returncode == 0


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, env={**os.environ, **GIT}, capture_output=True, check=True)
    return done.stdout.decode().strip()


def commit(root: Path, message: str) -> None:
    git(root, "commit", "--quiet", "--all", "--allow-empty", "--message", message)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository like this one, of version 0.1.0, that was never released; to be copied, not changed."""
    root = tmp_path_factory.mktemp("pristine") / "clone"
    copy_tools(root)
    shutil.copytree(ROOT / "docs", root / "docs")
    shutil.copy(ROOT / ".gitignore", root)
    settings = root / ".env"
    settings.write_text(re.sub(r"(?m)^VERSION=.*", "VERSION=0.1.0", settings.read_text()))
    git(root, "init", "--quiet", "--initial-branch", "main")
    for key, value in (("user.name", "Ada Somebody"), ("user.email", "ada@work.example"), ("commit.gpgsign", "false")):
        git(root, "config", key, value)
    git(root, "remote", "add", "origin", "https://git.example/team/product.git")
    git(root, "add", "--all")
    commit(root, "feat(report): count words")
    return root


@pytest.fixture
def repository(pristine: Path, tmp_path: Path) -> Path:
    """A copy of the repository, to be changed."""
    # With the times of the files, or git would read them all again.
    return Path(shutil.copytree(pristine, tmp_path / "clone", symlinks=True))


class Refusal(Protocol):
    """Returns the line in which a command refuses options, such as `--skip=nothing`."""

    def __call__(self, command: Command, *options: str) -> str: ...


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Refusal:
    """Asks a command, which must end with the exit code of a wrong call, and say one line."""

    def refused(command: Command, *options: str) -> str:
        pairs = (option.removeprefix("--").partition("=") for option in options)
        values = {name.replace("-", "_"): value if equals else True for name, equals, value in pairs}
        with pytest.raises(Exit) as error:
            command(Context(), **values)
        assert error.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    return refused


def release(root: Path, *arguments: str, checks: str = "true") -> subprocess.CompletedProcess[str]:
    # What a release builds is tried where it can be built.
    return run_in(root, "-m", "devkit", "release", "--no-build", "--checks", checks, *arguments, **GIT)


def state(root: Path) -> dict[str, object]:
    """All that a release could have changed."""
    files = {
        path.relative_to(root): (path.read_bytes(), path.stat().st_mode)
        for path in root.rglob("*")
        if path.is_file() and not {".git", "__pycache__"} & set(path.parts)
    }
    refs = git(root, "for-each-ref"), git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")
    return {"files": files, "refs": refs}
