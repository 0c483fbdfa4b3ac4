"""Look at everything the commands rely on; each finding comes with its mend."""

import contextlib
import itertools
import re
import stat
import subprocess
import sys
from collections.abc import Iterator

from devkit import ROOT, diagnosis, env, local_secrets, ports
from devkit.containers.compose import publisher, refuse_without_engine
from devkit.diagnosis import Finding
from devkit.servers import state
from devkit.servers.mongo import Mongo
from devkit.servers.selection import SERVERS, backends, needed
from devkit.servers.server import Context, Server
from devkit.stack.record import Record
from devkit.terminal import CommandError, coloured


def examine(context: Context) -> Iterator[Finding]:
    """Return the findings about settings, servers and the stack, good and bad."""
    for examination in (_secrets, _settings, _servers, _stack):
        try:
            yield from examination(context)
        except CommandError as error:
            yield Finding(str(error), "correct it in .env.local or the environment")


def _secrets(_context: Context) -> Iterator[Finding]:
    path = local_secrets.PATH
    if missing := local_secrets.missing():
        yield Finding(f".env.local lacks {', '.join(missing)}", "invoke install")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(".env.local, which holds secrets, can be read by others", f"chmod 600 {path}")
    else:
        yield Finding(".env.local holds all secrets")


def _settings(context: Context) -> Iterator[Finding]:
    known = env.read(ROOT / ".env")
    if strange := sorted(set(env.read(local_secrets.PATH)) - set(known)):
        yield Finding(f".env.local sets what .env does not know: {', '.join(strange)}", "correct or remove these lines")
    if (backend := context.settings.get("DB_BACKEND", "native")) not in backends():
        yield Finding(f"DB_BACKEND={backend} does not exist here", f"set one of: {', '.join(backends())}")


def _servers(context: Context) -> Iterator[Finding]:
    if context.settings.get("DB_BACKEND") == "docker":
        yield from _engine()
        return
    wanted = {server.name for server in needed(context)}
    for name in SERVERS:
        server = SERVERS[name](context)
        if name in wanted:
            yield from _binary(server)
        if name in wanted or server.folder.exists():
            yield from _data(server)


def _engine() -> Iterator[Finding]:
    try:
        refuse_without_engine()
    except CommandError as error:
        what, _, mend = str(error).partition(": ")
        yield Finding(what, mend)
    else:
        yield Finding("the container engine answers; `invoke db-status` tells of the servers in it")


def _binary(server: Server) -> Iterator[Finding]:
    try:
        yield Finding(f"{server.name}: {server.binary()}")
    except CommandError as error:
        what, _, mend = str(error).partition(" was not found. ")
        yield Finding(f"{what} was not found", mend)


def _data(server: Server) -> Iterator[Finding]:
    known = state.load(server.folder)
    if known is not None and not known.main.alive():
        yield Finding(f"{server.name} (pid {known.main.pid}) has ended without being stopped", "invoke db-up")
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


def _stack(context: Context) -> Iterator[Finding]:
    port = env.port(context.settings, "API_PORT")
    try:
        record = Record(context.data, "", "")
    except CommandError as error:
        yield Finding(f"the stack is {error}")
        return
    if record.left_over:
        yield Finding(f"`invoke dev` (pid {record.left_over}) was killed, its processes may still run", "invoke dev")
    record.release()
    if ports.is_free(port):
        yield Finding(f"API: port {port} is free")
    elif container := publisher(port):
        yield Finding(f"API: port {port} is the container {container}'s")
    else:
        yield Finding(f"API: port {port} is held by {ports.owner(port)}", "stop that, or set another API_PORT")


def run() -> None:
    """Print all findings. Raises CommandError when something is wrong."""
    context = Context(ROOT / ".data", env.settings(), sys.executable)
    findings = itertools.chain(diagnosis.examine(), examine(context))
    if diagnosis.report(findings, lambda text, colour: coloured(text, colour, sys.stdout)):
        raise CommandError("")
