"""What `doctor` finds out about the native servers: their programs, their ports and their data."""

import contextlib
import re
import subprocess
from collections.abc import Iterator

from devkit import ports
from devkit.diagnosis import Finding
from devkit.servers import state
from devkit.servers.mongo import Mongo
from devkit.servers.server import Server
from devkit.terminal import CommandError


def program(server: Server) -> Iterator[Finding]:
    """Tell where the server's program is."""
    try:
        yield Finding(f"{server.name}: {server.binary()}")
    except CommandError as error:
        what, _, mend = str(error).partition(" was not found. ")
        yield Finding(f"{what} was not found", mend)


def data(server: Server) -> Iterator[Finding]:
    """Tell whether the server runs, whether it could, and whether its data can be opened."""
    known = state.load(server.folder)
    if known is not None and not known.main.alive():
        yield Finding(f"{server.name} (pid {known.main.pid}) has ended without being stopped", "invoke db-up")
    elif known is not None and known.encrypted != (server.encryption is not None):
        yield Finding(f"{server.name} (pid {known.main.pid}) was started with another TLS", "invoke db-down")
    elif known is not None and not server.answers():
        yield Finding(f"{server.name} (pid {known.main.pid}) runs and does not answer", f"read {server.log}")
    elif known is not None:
        yield Finding(f"{server.name} {known.version} answers on port {known.port}")
    elif not ports.is_free(server.port):
        mend = f"stop that, or set another {server.port_key} in .env.local"
        yield Finding(f"{server.name}: port {server.port} is held by {ports.owner(server.port)}", mend)
    else:
        yield Finding(f"{server.name}: port {server.port} is free")
    if not server.opens_data:
        mend = "restore the former secrets in .env.local, or invoke db-reset"
        yield Finding(f"{server.name}: the data were made with other credentials", mend)
    if isinstance(server, Mongo) and (before := state.last_version(server.folder)):
        yield from _data_version(server, before)


def _data_version(server: Mongo, before: str) -> Iterator[Finding]:
    """Compare major versions: MongoDB opens data of its own and of the previous one only."""
    with contextlib.suppress(CommandError):
        printed = subprocess.run([server.binary(), "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"(\d+\.\d+)\.\d+", printed)
        if version and not before.startswith(f"{version[1]}."):
            mend = f"put a mongod {before} on PATH and dump the data, or invoke db-reset"
            yield Finding(f"mongo: the data were last used by {before}, and mongod here is {version[1]}", mend)
