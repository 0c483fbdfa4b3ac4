"""The servers' logs, one after the other or as they grow."""

import sys
import time
from collections.abc import Sequence

from devkit.process import tail
from devkit.servers.server import Server
from devkit.terminal import coloured


def show_logs(servers: Sequence[Server], *, follow: bool, poll: float = 0.2) -> None:
    """Print the last lines of each server's log, and with `follow` each new line until interrupted."""
    sizes = {server.name: server.log.stat().st_size if server.log.exists() else 0 for server in servers}
    for server in servers:
        print(coloured(f"{server.name}: {server.log}", "bold", sys.stdout))
        print(tail(server.log, lines=50))
    while follow:
        for server in servers:
            sizes[server.name] = _show_new(server, sizes[server.name])
        time.sleep(poll)


def _show_new(server: Server, shown: int) -> int:
    """Print the whole lines after a position and return the new position."""
    if not server.log.exists():
        return 0
    with server.log.open("rb") as stream:
        stream.seek(shown if shown <= server.log.stat().st_size else 0)
        begin = stream.tell()
        text, newline, _ = stream.read().rpartition(b"\n")
    for line in text.decode(errors="replace").splitlines():
        print(f"{coloured(server.name, 'cyan', sys.stdout)} {line}", flush=True)
    return begin + len(text) + len(newline)
