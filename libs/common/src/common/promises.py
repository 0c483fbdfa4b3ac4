"""Whether the servers are such that they can keep what is promised: that nothing acknowledged is lost.

Our own settings are refused before a process starts; these are the servers' settings, and a server may answer later.
In production a process is not ready on a server that cannot; elsewhere it says so in the log and goes on.
"""

import logging
import time
from collections.abc import Callable

from common.clients import Clients

log = logging.getLogger(__name__)

# Seconds between two looks: a server's settings change when it starts.
PAUSE = 60.0
# After a look to which a server did not answer.
SILENT_PAUSE = 5.0


class Promises:
    """What the servers of one process were found to be; what changes is told to the log, once."""

    def __init__(self, clients: Callable[[], Clients]) -> None:
        self._clients = clients
        self._broken: dict[str, list[str]] = {}
        self._next = 0.0

    def ask(self) -> str:
        """Return why this process cannot run on its servers; empty when it can, and where this is not production.

        Takes about a second for each server that does not answer, and keeps what that one answered last: that it is
        away is told by others.
        """
        clients = self._clients()
        if time.monotonic() >= self._next:
            self._look(clients)
        broken = [line for lines in self._broken.values() for line in lines]
        return broken[0] if broken and clients.settings.environment == "production" else ""

    def _look(self, clients: Clients) -> None:
        pause = PAUSE
        for server, look in clients.promises().items():
            try:
                found = look()
            except Exception as error:
                log.debug("How %s is set up is unknown (%s).", server, type(error).__name__)
                pause = SILENT_PAUSE
            else:
                for line in found:
                    if line not in self._broken.get(server, []):
                        log.warning("Work may be lost: %s.", line)
                self._broken[server] = found
        self._next = time.monotonic() + pause
