"""The whole stack as real processes, once for each broker; the tests speak HTTP with it and import nothing of ours."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest


class Stack:
    """A running stack: a client of its API, its logs, and its servers to be killed and started again."""

    def __init__(self, root: Path, data: Path, environ: dict[str, str], stops: ExitStack) -> None:
        self._root, self._data = root, data
        self._environ = {**os.environ, **environ}
        self._said = data.parent / "stack.err"
        # The servers are not the stack's own, so that it goes on when a test kills one.
        servers = dict.fromkeys(("mongo", "redis", environ["BROKER"]))
        stops.callback(self._tool, "down", *servers)
        self._tool("up", *servers)
        with self._said.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "devkit.stack", "run", "--data", str(data), "--json"],
                cwd=root,
                env=self._environ,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        stops.callback(self._stop)
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        assert ready, self._said.read_text()
        self.parts: dict[str, dict[str, Any]] = json.loads(ready)
        self.http = httpx2.Client(base_url=self.parts["api"]["url"], timeout=30, trust_env=False)
        stops.callback(self.http.close)

    def log(self, part: str) -> str:
        """What a part has logged so far."""
        return Path(self.parts[part]["log"]).read_text(encoding="utf-8", errors="replace")

    def kill(self, server: str) -> None:
        """Kills a server at once, as a power cut would."""
        os.kill(self._status(server)["pid"], signal.SIGKILL)
        self.until(lambda: self._status(server)["state"] != "up")

    def start(self, server: str) -> None:
        """Starts a server again; returns when it answers."""
        self._tool("up", server)

    def until(self, condition: Callable[[], Any], *, seconds: float = 40) -> Any:
        """Asks until the answer is true, and answers it."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.05)
        return found

    def post(self, **body: Any) -> dict[str, Any]:
        """Posts a report that must be accepted; answers it."""
        answer = self.http.post("/api/v1/reports", json={"title": "Numbers", "values": [1, 2, 3], **body})
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def get(self, report: dict[str, Any]) -> dict[str, Any]:
        """A report as it stands now."""
        found: dict[str, Any] = self.http.get(f"/api/v1/reports/{report['id']}").raise_for_status().json()
        return found

    def finished(self, report: dict[str, Any]) -> dict[str, Any]:
        """Waits until a report is finished; answers it."""
        found: dict[str, Any] = self.until(
            lambda: now if (now := self.get(report))["status"] not in ("pending", "running") else None
        )
        return found

    def _status(self, server: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._tool("status", server, check=False))[server]
        return found

    def _tool(self, command: str, *servers: str, check: bool = True) -> str:
        where = ["--data", str(self._data), "--only", ",".join(servers), "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "devkit.servers", command, *where],
            cwd=self._root,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def _stop(self) -> None:
        """Stops it as Ctrl-C does, which must succeed and leave no stack trace."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(60)
        if self._process.stdout is not None:
            self._process.stdout.close()
        said = self._said.read_text()
        assert (code, "Traceback" in said) == (0, False), said


@pytest.fixture(scope="session")
def stacks(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stack]]:
    """Starts the stack with a broker when it is first asked for; all are stopped at the end, whatever happened."""
    started: dict[str, Stack] = {}

    with ExitStack() as stops:

        def start(broker: str) -> Stack:
            if broker not in started:
                folder = tmp_path_factory.mktemp(broker)
                started[broker] = Stack(pytestconfig.rootpath, folder / "data", _environ(broker), stops)
            return started[broker]

        yield start


@pytest.fixture(params=["redis", "rabbitmq"])
def stack(request: pytest.FixtureRequest, stacks: Callable[[str], Stack]) -> Stack:
    """The running stack with one broker; each test runs on both."""
    return stacks(request.param)


def _environ(broker: str) -> dict[str, str]:
    """Ports and secrets of its own, a database that is marked as a test's, and nothing of the developer's."""
    ports = ("API_PORT", "MONGO_PORT", "REDIS_PORT", "RABBITMQ_PORT")
    passwords = ("MONGO_PASSWORD", "REDIS_PASSWORD", "RABBITMQ_PASSWORD", "SECRET_KEY")
    return {
        "ENVIRONMENT": "test",
        "DB_BACKEND": "native",
        "BROKER": broker,
        "MONGO_URL": "",
        "BROKER_URL": "",
        "MONGO_DATABASE": "test_e2e",
        "API_HOST": "127.0.0.1",
        **{name: str(port) for name, port in zip(ports, _ports(len(ports)), strict=True)},
        **{name: secrets.token_urlsafe(24) for name in passwords},
    }


def _ports(count: int) -> list[int]:
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
