"""One command at a time: locks that the system takes back even after kill -9."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from devkit.terminal import CommandError


def try_lock(descriptor: int) -> bool:
    """Take an exclusive lock on an open file; return False when somebody else has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def locked(path: Path, *, check: Callable[[], None] = lambda: None, timeout: float = 90) -> Iterator[None]:
    """Hold the lock of a file, waiting for whoever has it; `check` is called meanwhile and may raise."""
    with path.open("a+", encoding="utf-8") as stream:
        deadline = time.monotonic() + timeout
        while not try_lock(stream.fileno()):
            if time.monotonic() > deadline:
                stream.seek(0)
                pid = stream.read().strip()
                raise CommandError(f"another command (pid {pid}) has held {path} for {timeout:.0f} s.")
            check()
            time.sleep(0.05)
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield
