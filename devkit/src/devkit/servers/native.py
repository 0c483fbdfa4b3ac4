"""Servers as plain processes on 127.0.0.1, started detached, found again by their state files."""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from filelock import FileLock, Timeout

from devkit import ports, process
from devkit.diagnosis import Finding
from devkit.servers import examination, state
from devkit.servers.logs import show_logs
from devkit.servers.mongo import Mongo
from devkit.servers.server import Context, Row, Server
from devkit.servers.state import State
from devkit.terminal import CommandError, say


def is_chosen(_settings: Mapping[str, str]) -> bool:
    """Return whether the settings ask for it: always, where they ask for no other one."""
    return True


def up(context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Start the servers that do not run, wait until all can be used, and describe them.

    On a failure, what this call started is stopped again.
    """
    _make_folders(context, servers)
    with locked(context):
        launched: list[Server] = []
        try:
            for server in servers:
                if _must_start(server):
                    _check_can_start(server)
                    launched.append(server)
                    _launch(server)
            versions = _wait(servers, context.check)
            for server in servers:
                if server not in launched:
                    server.refresh()
        except BaseException:
            for server in reversed(launched):
                server.give_up()
                _stop(server)
            raise
        for server in launched:
            state.remember_origin(server.folder, server.opened_by, server.credentials, versions[server.name])
        return {s.name: _row(s, "started" if s in launched else "already up", versions[s.name]) for s in servers}


def down(context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Stop the servers, the database last, and keep their data."""
    if not context.data.is_dir():
        return {server.name: _row(server, "not running", "") for server in servers}
    with locked(context):
        return {server.name: _row(server, _stop(server), "") for server in reversed(servers)}


def status(_context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Describe the servers as they are now: `up` only when the process lives and really answers."""
    rows: dict[str, Row] = {}
    for server in servers:
        known = state.load(server.folder)
        alive = known is not None and known.main.alive()
        if alive and server.answers():
            condition = "up"
        elif alive:
            condition = "not answering"
        else:
            condition = "down" if ports.is_free(server.port) else f"down; port held by {ports.owner(server.port)}"
        rows[server.name] = _row(server, condition, known.version if known and alive else "")
    return rows


def reset(context: Context, servers: Sequence[Server]) -> dict[str, Row]:
    """Stop the servers and delete their data."""
    rows = down(context, servers)
    for server in servers:
        if server.folder.exists():
            shutil.rmtree(server.folder)
        rows[server.name]["state"] = "deleted"
    return rows


def logs(_context: Context, servers: Sequence[Server], *, follow: bool) -> None:
    """Show the last lines of the servers' logs, and with `follow` each new line until interrupted."""
    show_logs(servers, follow=follow)


def present(context: Context, servers: Sequence[Server]) -> list[Server]:
    """Return the servers that have data here."""
    return [server for server in servers if (context.data / server.name).exists()]


def ended(_context: Context, servers: Sequence[Server]) -> list[Server]:
    """Return the servers whose process has ended."""
    return [server for server in servers if not server.alive()]


def place(context: Context) -> str:
    """Return where the data lie."""
    return str(context.data)


def holder(_port: int) -> str:
    """Return whose a port is, where what runs the servers has given it out; plain processes are told by their pids."""
    return ""


def examine(wanted: Sequence[Server], others: Sequence[Server]) -> Iterator[Finding]:
    """Yield what is found out about the servers that the settings ask for, and about what others have left here."""
    for server in wanted:
        yield from examination.program(server)
        yield from examination.data(server)
    for server in others:
        if server.folder.exists():
            yield from examination.data(server)


def about_former(name: str) -> str:
    """Return what becomes of the data when the product has another name."""
    return (
        f"The data in .data/ stay, those of {name} under this name: the next `invoke db-up` or `invoke dev` makes what "
        "the new name needs beside them, and tells the commands that move them."
    )


def former(context: Context) -> dict[str, list[str]]:
    """Return the databases that hold what the product's own lacks, each with the commands that move it."""
    filled = Mongo(context).filled()
    own = filled.pop(context.settings["MONGO_DATABASE"], set())
    return {name: _moving(name, f"backups/{name}.bson.gz") for name, held in filled.items() if own < held}


def _moving(name: str, file: str) -> list[str]:
    # With the database's name it lets the account of the new name use it.
    return [
        f"MONGO_DATABASE={name} invoke db-up",
        f"MONGO_DATABASE={name} invoke db-backup {file}",
        f"invoke db-restore {file} --yes",
    ]


@contextlib.contextmanager
def locked(context: Context, *, timeout: float = 90) -> Iterator[None]:
    """Let one command at a time start or stop the servers of a data folder."""
    lock = FileLock(context.data / "lock")

    def cancelled() -> bool:
        context.check()
        return False

    try:
        lock.acquire(timeout=timeout, poll_interval=0.05, cancel_check=cancelled)
    except Timeout:
        raise CommandError(f"another command has held {lock.lock_file} for {timeout:.0f} s.") from None
    try:
        yield
    finally:
        lock.release()


def _make_folders(context: Context, servers: Sequence[Server]) -> None:
    for server in servers:
        server.folder.mkdir(parents=True, exist_ok=True)
    context.data.chmod(0o700)


def _must_start(server: Server) -> bool:
    known = state.load(server.folder)
    if known is None or not known.main.alive():
        _stop(server)
        return True
    if known.port != server.port:
        raise CommandError(
            f"{server.name} already runs on port {known.port} (pid {known.main.pid}), but {server.port_key} is "
            f"{server.port}: run `invoke db-down` first."
        )
    if known.encrypted != (server.encryption is not None):
        how = "takes encrypted connections only" if known.encrypted else "speaks plain text"
        raise CommandError(f"{server.name} runs and {how}, but TLS is another now: run `invoke db-down` first.")
    if not state.same_credentials(server.folder, server.credentials):
        raise CommandError(_other_credentials(server, running=True))
    return False


def _check_can_start(server: Server) -> None:
    if not server.opens_data:
        raise CommandError(_other_credentials(server, running=False))
    ports.refuse_taken(server.name, server.port, server.port_key)


def _other_credentials(server: Server, *, running: bool) -> str:
    keys = server.opening_keys
    if running and server.opens_data:
        return f"{server.name} runs with another {keys}: run `invoke db-down`, then start it again."
    return (
        f"{server.name}: the data in {server.folder} were made with another {keys}: restore it in .env.local, "
        "or delete the data with `invoke db-reset`."
    )


def _launch(server: Server) -> None:
    say(f"starting {server.name} ...")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if server.encryption:
        server.encryption.provide()
    state.save(server.folder, State(server.launch(), server.port, "", now, encrypted=server.encryption is not None))


def _wait(servers: Sequence[Server], check: Callable[[], None]) -> dict[str, str]:
    versions: dict[str, str] = {}
    begin = time.monotonic()
    while len(versions) < len(servers):
        for server in servers:
            if server.name not in versions and (version := _ready(server)):
                versions[server.name] = version
            elif server.name not in versions and time.monotonic() - begin > server.start_timeout:
                raise CommandError(
                    f"{server.name} did not answer within {server.start_timeout:.0f} s. {process.end_of(server.log)}"
                )
        check()
        time.sleep(process.POLL)
    return versions


def _ready(server: Server) -> str | None:
    """Return the version of a server that can be used; raise when it has died."""
    known = state.load(server.folder)
    if known is None or not known.main.alive():
        raise CommandError(f"{server.name} ended instead of starting. {process.end_of(server.log)}")
    if known.version:
        return known.version if server.answers() else None
    if version := server.ready():
        state.save(server.folder, replace(known, version=version))
    return version


def _stop(server: Server) -> str:
    known = state.load(server.folder)
    if known is None:
        return "not running"
    was_alive = known.main.alive()
    ended = process.stop(known.main, timeout=server.stop_timeout)
    for helper in known.processes[1:]:
        process.stop(helper, timeout=5)
    state.forget(server.folder)
    if not was_alive:
        return "not running"
    return "stopped" if ended else f"killed: it did not stop within {server.stop_timeout:.0f} s"


def _row(server: Server, condition: str, version: str) -> Row:
    known = state.load(server.folder)
    pid = known.main.pid if known and known.main.alive() else None
    return {
        "state": condition,
        "version": version,
        "url": server.url,
        "port": server.port,
        "pid": pid,
        "log": str(server.log),
    }
