"""`python -m web.serve [--host HOST] [--port PORT] [APP]`: the API's HTTP server, the one place that starts it.

Its options come from our settings alone; granian's own variables (`GRANIAN_...`) are read by its command line, which is
not used.
"""

import argparse
import os
import resource
import sys
from collections.abc import Sequence

from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from common.config import Settings
from common.environment import leave_foreign
from common.metrics import shared

# Files that a process needs besides its connections.
FILES = 256
# Connections that the system keeps until they are accepted.
BACKLOG = 1024
# Bytes of a request's head; the server stops at somewhat more, for it reads in large pieces.
HEAD = 64 * 1024
# Seconds after which a process that was asked to stop is killed: less than the supervisor waits.
STOP_GRACE = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal asks to stop, and return the exit code."""
    settings = Settings.load_or_exit(os.environ)
    options = _parser(settings).parse_args(arguments)
    with shared():
        try:
            server(settings, options.app, options.host, options.port).serve()
        except FatalError:
            return 1
    return 0


def server(settings: Settings, app: str, host: str, port: int) -> MPServer:
    """Return the server: HTTP/1.1 only, for over HTTP/2 one connection can begin any number of requests."""
    return MPServer(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.api_workers,
        backlog=BACKLOG,
        backpressure=_connections(settings.api_connections),
        http1_settings=HTTP1Settings(
            # From the moment a connection waits for a head until it has it: also the limit of idle ones.
            header_read_timeout=round(settings.api_read_timeout * 1000),
            max_buffer_size=HEAD,
        ),
        log_level=LogLevels.warning,
        workers_kill_timeout=STOP_GRACE,
    )


def _connections(wanted: int) -> int:
    """Return the number of connections one process may hold; raises the system's limit of open files to have them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted + FILES if hard == resource.RLIM_INFINITY else min(wanted + FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(most - FILES, 1)


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m web.serve", description=__doc__)
    parser.add_argument("app", nargs="?", default="api.asgi:app", help="the application, for measuring another one")
    parser.add_argument("--host", default=settings.api_host, help="where to listen instead of API_HOST")
    parser.add_argument("--port", type=int, default=settings.api_port, help="instead of API_PORT")
    return parser


if __name__ == "__main__":
    leave_foreign()
    sys.exit(main())
