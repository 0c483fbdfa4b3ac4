"""The servers below the processes: started, checked, and stopped again where this run has started them."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from devkit.process import MAX_LOG, end_of, shorten, size
from devkit.servers.former import tell_of_former_data
from devkit.servers.selection import backend
from devkit.servers.server import Context, Row, Server
from devkit.terminal import CommandError, say

# Seconds between two checks: each reads the servers' state files.
_INTERVAL = 0.5


class ServerSupervisor:
    """The servers of one run. Those that were up before it stay up after it."""

    def __init__(self, context: Context, servers: Sequence[Server]) -> None:
        self._context = context
        self._servers = servers
        self._next_check = 0.0
        # The names of those to stop in the end.
        self.started: list[str] = []

    def up(self, left_over: Iterable[str]) -> dict[str, Row]:
        """Start what does not run and describe all; what an earlier run has left is stopped by this run too."""
        self.started = sorted(left_over)
        rows = backend(self._context).up(self._context, self._servers) if self._servers else {}
        self.started = sorted({*self.started, *(name for name, row in rows.items() if row["state"] == "started")})
        tell_of_former_data(self._context, self._servers)
        return rows

    def check(self) -> None:
        """Raise when one that this run has started has ended, and keep the logs of those short."""
        if time.monotonic() < self._next_check:
            return
        self._next_check = time.monotonic() + _INTERVAL
        own = self._own()
        for server in backend(self._context).ended(self._context, own):
            raise CommandError(f"{server.name} has ended. {end_of(server.log)}")
        for server in own:
            if size(server.log) > MAX_LOG:
                shorten(server.log)

    def renew(self) -> None:
        """Bring the accounts up to date with changed code. Raises CommandError when it cannot tell what they may do."""
        for server in self._servers:
            type(server)(self._context).renew()

    def down(self) -> None:
        """Stop those that this run has started."""
        if servers := self._own():
            say(f"stopping {', '.join(server.name for server in reversed(servers))} ...")
            # A further request to stop must not leave them behind.
            context = replace(self._context, check=lambda: None)
            backend(context).down(context, servers)

    def _own(self) -> list[Server]:
        return [server for server in self._servers if server.name in self.started]
