"""The stack as a process of its own, for tests and measurements: with ports, secrets and data of its own."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devkit import ROOT
from devkit.process import tail
from devkit.servers import encryption
from devkit.servers.private import private_environ
from devkit.stack.headers import headers_for
from devkit.terminal import CommandError

_POLL = 0.05
# Seconds for an orderly stop; then it is asked once more, which makes it hurry.
_PATIENCE = 60.0
# The commands that run a stack which ends when one of its processes dies.
DEVELOPMENT, PRODUCTION = ("dev", "--no-reload"), ("serve",)


class PrivateStack:
    """The stack below one folder; it works when the block begins, and has ended when the block ends.

    It runs in a session of its own, so that Ctrl-C stops its users before it. `check` is called while it starts, and
    raises to give up. `hurried` returns whether it is to be stopped without waiting for running work.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str] | None = None,
        *,
        command: tuple[str, ...] = PRODUCTION,
        check: Callable[[], None] = lambda: None,
        hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        self.data = folder / "data"
        self.environ = encryption.prepared(self.data, private_environ() if environ is None else environ)
        self._in_production = command == PRODUCTION
        self._command = [sys.executable, "-m", "devkit", *command, "--data", str(self.data), "--json"]
        self._check, self._hurried = check, hurried
        self._out, self._err = folder / "stack.out", folder / "stack.err"
        # What it said of its components: the address, pid and log of each, by name.
        self.components: dict[str, dict[str, Any]] = {}
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        """Start it and wait until it works. Raises CommandError with its reason when it does not."""
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of its API."""
        return str(self.components["api"]["url"])

    @cached_property
    def headers(self) -> dict[str, str]:
        """What each request to its API has to bring; made when it is first asked for, while MongoDB runs."""
        return headers_for(self.environ) if self._in_production else {}

    @property
    def pids(self) -> dict[str, int]:
        """The pid of each component, by its name."""
        return {name: int(component["pid"]) for name, component in self.components.items()}

    @property
    def said(self) -> str:
        """What it has written for people so far."""
        return self._err.read_text(encoding="utf-8", errors="replace")

    def log(self, component: str) -> str:
        """Return what a component has logged so far."""
        return Path(self.components[component]["log"]).read_text(encoding="utf-8", errors="replace")

    def check(self) -> None:
        """Raise CommandError when it has ended by itself."""
        if self.process.poll() is not None:
            # A long log may follow what it calls its error.
            reason = re.search(r"^error: (.*)", self.said, re.DOTALL | re.MULTILINE)
            why = reason[1].rstrip() if reason else f"the end of its output:\n{tail(self._err)}"
            raise CommandError(f"the stack has ended: {why}")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does, and return its exit code."""
        deadline, hurried = time.monotonic() + _PATIENCE, False
        if self.process.poll() is None:
            self.process.send_signal(number)
        while self.process.poll() is None:
            if not hurried and (self._hurried() or time.monotonic() > deadline):
                # Another signal than the first, which for a moment would count as the same request.
                self.process.send_signal(signal.SIGTERM if number == signal.SIGINT else signal.SIGINT)
                hurried = True
            time.sleep(_POLL)
        return self.process.returncode

    def _wait_ready(self) -> None:
        # It has a deadline for each of its components, and tells which was missed.
        while not (line := self._out.read_text(encoding="utf-8")).endswith("\n"):
            self._check()
            self.check()
            time.sleep(_POLL)
        self.components = json.loads(line)
