"""`python -m devkit.doctor`: look at everything the commands rely on; each finding comes with its mend."""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devkit import ROOT, env, install, local_secrets, ports, venv
from devkit.containers.compose import publisher, refuse_without_engine
from devkit.servers import state
from devkit.servers.mongo import Mongo
from devkit.servers.selection import SERVERS, backends, needed
from devkit.servers.server import Context, Server
from devkit.stack.record import Record
from devkit.terminal import CommandError, coloured, run_command

_ENOUGH_DISK = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    """What was seen; with a mend when something is wrong."""

    what: str
    mend: str = ""


def examine(context: Context) -> Iterator[Finding]:
    """Return all findings, good and bad."""
    for examination in (_python, _programs, _environment, _secrets, _settings, _disk, _servers, _stack):
        try:
            yield from examination(context)
        except CommandError as error:
            yield Finding(str(error), "correct it in .env.local or the environment")


def _python(_context: Context) -> Iterator[Finding]:
    yield Finding(f"Python {sys.version.split()[0]} ({sys.executable})")


def _programs(_context: Context) -> Iterator[Finding]:
    for name, mend in (("uv", "invoke install"), ("nox", "invoke install"), ("git", "install git")):
        try:
            yield Finding(f"{name}: {venv.program(name, mend=mend)}")
        except CommandError:
            yield Finding(f"{name} was not found", mend)


def _environment(_context: Context) -> Iterator[Finding]:
    if install.is_current():
        yield Finding(".venv is what the locks say")
    else:
        yield Finding(".venv is missing or older than the locks", "invoke install")


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


def _disk(context: Context) -> Iterator[Finding]:
    folder = context.data if context.data.exists() else ROOT
    free = shutil.disk_usage(folder).free
    if not os.access(folder, os.W_OK):
        yield Finding(f"{folder} is not writable", f"chown -R {os.getuid()} {folder}")
    low = free < _ENOUGH_DISK
    yield Finding(
        f"{free / 1e9:.1f} GB of disk free at {folder}", "make room: invoke clean, docker prune" if low else ""
    )


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
    if server.keeps_credentials and not state.same_credentials(server.folder, server.credentials):
        mend = "restore the former secrets in .env.local, or invoke db-reset"
        yield Finding(f"{server.name}: the data were made with other credentials", mend)
    if isinstance(server, Mongo) and (before := state.last_version(server.folder)):
        yield from _data_version(server, before)


def _data_version(server: Mongo, before: str) -> Iterator[Finding]:
    """Compare major versions: MongoDB opens data of its own and of the previous one only."""
    with contextlib.suppress(CommandError):
        printed = subprocess.run([server.binary(), "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"(\d+\.\d+)\.\d+", printed)
        if found and not before.startswith(f"{found[1]}."):
            mend = f"put a mongod {before} on PATH and dump the data, or invoke db-reset"
            yield Finding(f"mongo: the data were last used by {before}, and mongod here is {found[1]}", mend)


def _stack(context: Context) -> Iterator[Finding]:
    port = env.port(context.settings, "API_PORT")
    try:
        record = Record(context.data, "", "")
    except CommandError as error:
        yield Finding(f"the stack is {error}")
        return
    if record.left_over:
        yield Finding(f"`invoke dev` (pid {record.left_over}) was killed, its parts may still run", "invoke dev")
    record.release()
    if ports.is_free(port):
        yield Finding(f"API: port {port} is free")
    elif container := publisher(port):
        yield Finding(f"API: port {port} is the container {container}'s")
    else:
        yield Finding(f"API: port {port} is held by {ports.owner(port)}", "stop that, or set another API_PORT")


def main(say: Callable[[str], None] = print) -> int:
    """Print the findings; 1 when something is wrong."""
    wrong = 0
    for finding in examine(Context(ROOT / ".data", env.load(), str(venv.PYTHON))):
        if finding.mend:
            wrong += 1
            say(f"{coloured('wrong', 'red', sys.stdout)}  {finding.what}")
            say(f"       mend: {coloured(finding.mend, 'bold', sys.stdout)}")
        else:
            say(f"{coloured('ok', 'green', sys.stdout)}     {finding.what}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(run_command(main))
