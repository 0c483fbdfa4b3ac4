"""Peers: small programs in an environment of their own, which do with known libraries what the product does."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from common.config import Settings
from devkit import ROOT, process
from devkit.process import Process
from devkit.terminal import CommandError

PROGRAMS = ROOT / "devkit" / "programs"
PEERS = PROGRAMS / "peers"
# Requests that a process with threads works on at once, the product's and Flask's.
THREADS = "4"
# Python's arguments for what serves a peer's Flask.
FLASK_SERVER = (
    *("-m", "granian", "--http", "1", "--interface", "wsgi"),
    *("--blocking-threads", THREADS, "--log-level", "warning"),
)
# Seconds until a process answers, and from asking it to end until it is killed.
_PATIENCE, _STOP = 120.0, 15.0
_POLL = 0.05


@contextmanager
def running(name: str, command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Iterator[Process]:
    """Run a process, whose output goes to a file of its name, within the block; its children end with it."""
    log = folder / f"{name}.log"
    started = process.spawn(command, log=log, cwd=folder, environ=environ)
    try:
        yield started
    finally:
        process.stop(started, timeout=_STOP, group=True)


def wait(started: Process, log: Path, works: Callable[[], bool], check: Callable[[], None]) -> None:
    """Wait until a process works. Raises CommandError with the end of its log when it ends, or takes too long."""
    deadline = time.monotonic() + _PATIENCE
    while not works():
        check()
        if not started.alive():
            raise CommandError(f"{log.stem} ended instead of starting. {process.end_of(log)}")
        if time.monotonic() > deadline:
            raise CommandError(f"{log.stem} did not work within {_PATIENCE:.0f} s. {process.end_of(log)}")
        time.sleep(_POLL)


def mongo_url(environ: Mapping[str, str]) -> str:
    """Return the address by which a peer uses the product's MongoDB, with writes that are as safe as ours."""
    settings = Settings.load(environ, env_files=[ROOT / ".env"])
    return f"{settings.mongo_address}&w=majority&journal=true"


def output(command: Sequence[str], *, env: Mapping[str, str] | None = None, input: bytes = b"") -> str:  # noqa: A002 - as `subprocess` names it
    """Run a program to its end, and return what it printed. Raises CommandError with its errors."""
    done = subprocess.run(command, cwd=ROOT, env=env, input=input, capture_output=True, check=False)
    if done.returncode:
        errors = done.stderr.decode(errors="replace").strip()
        raise CommandError(f"{' '.join(command)[:200]} failed: {errors[-2000:]}")
    return done.stdout.decode()
