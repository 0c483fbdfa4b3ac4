"""The servers below the parts: started, looked after, and stopped again where they are this run's own."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from devkit.process import MAX_LOG, shorten, size, tail
from devkit.servers.selection import backend
from devkit.servers.server import Context, Row, Server
from devkit.signals import Interrupted
from devkit.stack.output import Output
from devkit.stack.pause import Pause
from devkit.terminal import CommandError, say

# Seconds between two looks at the servers.
_LOOK = 0.5


class Attendance:
    """The servers of one run. Those that were up before it stay up after it."""

    def __init__(self, context: Context, servers: Sequence[Server], output: Output) -> None:
        self._context = context
        self._servers = servers
        self._output = output
        self._pauses: dict[str, Pause] = {}
        self._next_look = 0.0
        # The names of those to stop in the end.
        self.started: list[str] = []

    def up(self, left_over: Iterable[str]) -> dict[str, Row]:
        """Start what does not run and describe all; what an earlier run has left is this run's own too."""
        self.started = sorted(left_over)
        rows = backend(self._context).up(self._context, self._servers) if self._servers else {}
        self.started = sorted({*self.started, *(name for name, row in rows.items() if row["state"] == "started")})
        # Only what is a process: a server in a container is none of ours and has a keeper of its own.
        self._pauses = {server.name: Pause() for server in self._servers if server.alive()}
        return rows

    def check(self) -> None:
        """Raise when one of its own has ended."""
        own = self._own() if self._look_is_due() else []
        for server in backend(self._context).ended(self._context, own):
            raise CommandError(f"{server.name} has ended. The end of {server.log}:\n{tail(server.log)}")

    def keep(self, meanwhile: Callable[[], None]) -> bool:
        """Start again what has ended, also what was up before; `meanwhile` is called until it works.

        Returns whether one was started.
        """
        kept = [each for each in self._servers if each.name in self._pauses] if self._look_is_due() else []
        for server in kept:
            if size(server.log) > MAX_LOG:
                shorten(server.log)
        dead = [server for server in kept if not server.alive()]
        return any(self._revive(server, self._pauses[server.name], meanwhile) for server in dead)

    def down(self) -> None:
        """Stop its own."""
        if servers := self._own():
            say(f"stopping {', '.join(server.name for server in reversed(servers))} ...")
            # A further request to stop must not leave them behind.
            context = replace(self._context, check=lambda: None)
            backend(context).down(context, servers)

    def _own(self) -> list[Server]:
        return [server for server in self._servers if server.name in self.started]

    def _look_is_due(self) -> bool:
        """Tell whether to look again: each look reads the servers' state files."""
        due = time.monotonic() >= self._next_look
        if due:
            self._next_look = time.monotonic() + _LOOK
        return due

    def _revive(self, server: Server, pause: Pause, meanwhile: Callable[[], None]) -> bool:
        if not pause.under_way:
            seconds = pause.died()
            self._output.event(f"{server.name} has ended; it is started again in {seconds:.0f} s", "ERROR")
        if not pause.over():
            return False
        began = time.monotonic()
        pause.started()
        try:
            self._start(server, meanwhile)
        except Interrupted:
            return False
        except CommandError as error:
            self._output.event(f"{error} It is started again in {pause.died():.0f} s", "ERROR")
            return False
        self._output.event(f"{server.name} works again after {time.monotonic() - began:.1f} s")
        return True

    def _start(self, server: Server, meanwhile: Callable[[], None]) -> None:
        def check() -> None:
            self._context.check()
            meanwhile()

        context = replace(self._context, check=check)
        # A new object, for one knows of the start it was made for.
        backend(context).up(context, [type(server)(context)])
        self.started = sorted({*self.started, server.name})
