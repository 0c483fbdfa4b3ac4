"""`python -m admin.console`: serve the console on 127.0.0.1 and CONSOLE_PORT until a signal asks to stop."""

import argparse
import os
import sys

from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.log import LogLevels
from granian.server.mp import MPServer

from admin.console.settings import ConsoleSettings, password_hash
from common.config import Settings
from common.environment import leave_foreign
from common.hosts import is_loopback

# It speaks plain HTTP, so it is reached only from this machine, or through a tunnel by a user who may log in here.
HOST = "127.0.0.1"
THREADS = 4
# Seconds after which the process that serves is killed: while it starts, it does not know of signals yet.
STOP_GRACE = 3


def main() -> int:
    """Serve, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m admin.console")
    parser.add_argument("--host", default=HOST, help="where to listen instead of 127.0.0.1: behind a proxy only")
    host = parser.parse_args().host
    settings = Settings.load_or_exit(os.environ, sections=[ConsoleSettings])
    if not password_hash(settings) and not is_loopback(host):
        sys.exit(f"The console listens on {host} only with a password: `invoke password` makes one.")
    port = settings.section(ConsoleSettings).console_port
    try:
        _server(host, port).serve()
    except FatalError:
        return 1
    except RuntimeError as error:
        # The port is taken.
        sys.exit(f"The console cannot listen on {host}:{port}: {error}")
    return 0


def _server(host: str, port: int) -> MPServer:
    return MPServer(
        "admin.console.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        # Over HTTP/2 one connection can begin any number of requests.
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        workers_kill_timeout=STOP_GRACE,
    )


if __name__ == "__main__":
    leave_foreign()
    sys.exit(main())
