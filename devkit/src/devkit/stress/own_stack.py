"""A production stack for one run: ports, secrets, data and database of its own, all thrown away in the end."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from devkit import ROOT, local_secrets, ports
from devkit.process import tail
from devkit.signals import StopRequest
from devkit.terminal import CommandError, say

_POLL = 0.05
_PATIENCE = 60.0
_PORTS = ("API_PORT", "MONGO_PORT", "REDIS_PORT", "RABBITMQ_PORT", "METRICS_PORT")


class OwnStack:
    """Runs `devkit.stack` as a process. In a session of its own, so that Ctrl-C stops the users before their API."""

    def __init__(self, stop: StopRequest, environ: Mapping[str, str] | None = None) -> None:
        self._stop = stop
        self._environ = {**stack_environ(), **(environ or {})}
        self.url = ""
        # The pids of its parts, by their names.
        self.pids: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Start it and wait until it works."""
        self._folder = tempfile.TemporaryDirectory(prefix="stress-")
        folder = Path(self._folder.name)
        self._said, self._ready = folder / "stack.err", folder / "stack.json"
        say("starting the stack in production mode, with data that are thrown away ...")
        with self._said.open("wb") as said, self._ready.open("wb") as ready:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "devkit.stack", "run", "--data", str(folder / "data"), "--json"],
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=ready,
                stderr=said,
                start_new_session=True,
            )
        try:
            self._wait_ready()
        except BaseException:
            self._shut_down()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Stop all of it."""
        self._shut_down()

    def check(self) -> None:
        """Raise when it has ended by itself."""
        if self._process.poll() is not None:
            raise CommandError(f"the stack has ended: {self._reason()}")

    def _reason(self) -> str:
        # A long log may follow what it calls its error.
        found = re.search(
            r"^error: (.*)", self._said.read_text(encoding="utf-8", errors="replace"), re.DOTALL | re.MULTILINE
        )
        return found[1].rstrip() if found else f"the last it said was\n{tail(self._said)}"

    def _wait_ready(self) -> None:
        # It has deadlines of its own for each of its parts, and tells which was missed.
        while not (line := self._ready.read_text(encoding="utf-8")).endswith("\n"):
            self._stop.check()
            self.check()
            time.sleep(_POLL)
        parts = json.loads(line)
        self.url = parts["api"]["url"]
        self.pids = {name: part["pid"] for name, part in parts.items()}

    def _shut_down(self) -> None:
        """Ask it to stop as Ctrl-C does, and once more, which makes it hurry, when a person or we lose patience."""
        say("stopping the stack ...")
        deadline, hurried = time.monotonic() + _PATIENCE, False
        self._process.send_signal(signal.SIGINT)
        while self._process.poll() is None:
            if not hurried and (self._stop.hurried() or time.monotonic() > deadline):
                self._process.send_signal(signal.SIGINT)
                hurried = True
            time.sleep(_POLL)
        self._folder.cleanup()


def stack_environ() -> dict[str, str]:
    """Return the environment of the stack: nothing in it leads to the developer's data."""
    settings = {"ENVIRONMENT": "production", "DB_BACKEND": "native", "MONGO_URL": "", "BROKER_URL": ""}
    settings |= {"MONGO_DATABASE": "stress", "API_HOST": ports.HOST, "API_TRUSTED_HOSTS": ports.HOST}
    settings["METRICS_HOST"] = ports.HOST
    settings |= {key: secrets.token_urlsafe(32) for key in local_secrets.KEYS}
    settings |= {key: str(port) for key, port in zip(_PORTS, ports.distinct(len(_PORTS)), strict=True)}
    return {**os.environ, **settings}
