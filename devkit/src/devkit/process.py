"""Processes of our own: started detached, recognised after their pid was recycled, stopped by their own pid."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

POLL = 0.02
MAX_LOG = 10_000_000
# Seconds by which two readings of one start time may differ.
_TOLERANCE = 0.5


class _Child(NamedTuple):
    """A process that this one started, and the seconds from the machine's start to its own."""

    handle: subprocess.Popen[bytes]
    started: float


# Kept so that an ended one is reaped and its exit code is known.
_children: dict[int, _Child] = {}


@atexit.register
def _leave_children() -> None:
    """Let what still runs go on; without this, `subprocess` warns that nobody has waited for it."""
    for child in _children.values():
        if child.handle.poll() is None:
            child.handle.returncode = 0


@dataclass(frozen=True)
class Process:
    """A process of this machine: its pid, and the seconds from the machine's start to its own.

    The system gives pids out again. The time counts from the machine's start, for a clock that is set must not make
    another process of this one.
    """

    pid: int
    started: float

    def alive(self) -> bool:
        """Return whether this very process still runs."""
        started = started_at(self.pid)
        return started is not None and abs(started - self.started) < _TOLERANCE

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process; nothing happens when it has ended."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def started_at(pid: int) -> float | None:
    """Return the seconds from the machine's start to a process's own; None when no such process runs."""
    if (child := _children.get(pid)) is not None:
        # It has ended when it can be reaped. Before, it may look like a zombie while its last threads end.
        return child.started if child.handle.poll() is None else None
    try:
        known = psutil.Process(pid)
        if known.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return None
        return known.create_time() - psutil.boot_time()
    except psutil.NoSuchProcess:
        return None


def spawn(command: Sequence[str], *, log: Path, cwd: Path, environ: Mapping[str, str]) -> Process:
    """Start a command in a session and process group of its own, all it prints appended to the log file."""
    if size(log) > MAX_LOG:
        log.replace(log.with_name(f"{log.name}.old"))
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(environ),
            start_new_session=True,
        )
    # Until it is reaped its pid is its own, whether it has ended already or not.
    started = psutil.Process(child.pid).create_time() - psutil.boot_time()
    _children[child.pid] = _Child(child, started)
    return Process(child.pid, started)


def size(log: Path) -> int:
    """Return the bytes of a log; 0 when it was deleted."""
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def shorten(log: Path) -> None:
    """Empty a log and keep what it held beside it. Its writer appends, and goes on at the new end."""
    # A full disk is no reason to stop, and to have less on it helps.
    with contextlib.suppress(OSError):
        shutil.copyfile(log, log.with_name(f"{log.name}.old"))
    os.truncate(log, 0)


def exit_code(process: Process) -> int | None:
    """Return the exit code of an ended process that this one started; None while it runs or when it is not known."""
    child = _children.get(process.pid)
    return None if child is None else child.handle.poll()


def how_it_ended(process: Process) -> str:
    """Describe the end of a process that this one started."""
    code = exit_code(process)
    return f"by signal {signal.Signals(-code).name}" if code and code < 0 else f"with exit code {code}"


def wait_until(condition: Callable[[], bool], *, timeout: float, poll: float = POLL) -> bool:
    """Check until the condition holds, at most `timeout` seconds; return whether it did."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(poll)
    return True


def stop(process: Process, *, timeout: float, group: bool = False, hurry: Callable[[], bool] = lambda: False) -> bool:
    """Ask a process to end and wait; kill it after `timeout` seconds or when `hurry` says so.

    With `group`, what is left of the process group that it leads is killed too.
    Returns whether the process ended by itself.
    """
    if not process.alive():
        return True
    process.send(signal.SIGTERM)
    wait_until(lambda: not process.alive() or hurry(), timeout=timeout)
    ended = not process.alive()
    if not ended:
        process.send(signal.SIGKILL)
    if group:
        kill_group(process)
    wait_until(lambda: not process.alive(), timeout=5)
    return ended


def kill_group(leader: Process) -> None:
    """Kill what is left of the group of a process that ended just now or is ending."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader.pid, signal.SIGKILL)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file, indented, to be shown below an error."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 20_000))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return "    (no log)"
    return "\n".join(f"    {line[:300]}" for line in text.splitlines()[-lines:]) or "    (the log is empty)"


def end_of(log: Path) -> str:
    """Return the last lines of a log file as the end of an error's message."""
    return f"The end of {log}:\n{tail(log)}"
