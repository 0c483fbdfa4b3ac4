"""Real servers for tests: started by the project's own tool, on ports, with data and with secrets of their own."""

import json
import os
import secrets
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

MARK = "test_"


class ServersError(Exception):
    """The servers did not start; the message is what the tool said."""


class UnsafeDatabaseError(Exception):
    """A database that is not marked as a test's was about to be emptied."""


def guard(database: str) -> str:
    """Answers the name of a test's database. Raises UnsafeDatabaseError for any other: it may be somebody's data."""
    if not database.startswith(MARK):
        raise UnsafeDatabaseError(f"The database {database!r} is no test's: such a name begins with {MARK!r}.")
    return database


@dataclass
class Servers:
    """Servers under one temporary folder; each is started when it is first asked for, all are stopped at the end.

    `root` is the repository: the tool is run as a process, for libraries never import devkit.
    """

    root: Path
    data: Path
    environ: dict[str, str] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        ports = dict(zip(("MONGO_PORT", "REDIS_PORT", "RABBITMQ_PORT"), unused_ports(3), strict=True))
        names = ("MONGO_PASSWORD", "REDIS_PASSWORD", "RABBITMQ_PASSWORD", "SECRET_KEY")
        self.environ.update({name: str(port) for name, port in ports.items()})
        self.environ.update({name: secrets.token_urlsafe(24) for name in names})

    def up(self, *names: str) -> None:
        """Starts what is not running yet; returns when it answers. Raises ServersError."""
        if missing := [name for name in names if name not in self.started]:
            self._tool("up", missing)
            self.started.update(missing)

    def down(self, *names: str) -> None:
        """Stops the named servers, or all; their data stays. Raises ServersError."""
        if stopping := [name for name in names or sorted(self.started) if name in self.started]:
            self._tool("down", stopping)
            self.started.difference_update(stopping)

    def pid(self, name: str) -> int:
        """The process id of a running server."""
        return int(self._tool("status", [name])[name]["pid"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _tool(self, command: str, names: list[str]) -> dict[str, dict[str, str]]:
        arguments = ["--data", str(self.data), "--only", ",".join(names), "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "devkit.servers", command, *arguments],
            cwd=self.root,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServersError(f"`devkit.servers {command} {' '.join(names)}` failed:\n{done.stderr}{done.stdout}")
        found: dict[str, dict[str, str]] = json.loads(done.stdout)
        return found


def unused_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
