"""Whether the API still serves: each process notes when it last had a free thread or finished a request.

A process that is merely full finishes requests all the time; one whose threads all hang, or that stands still as a
whole, does neither. Each notes that time in a small file of a shared folder, so that whichever process is asked for its
liveness answers for all of them.
"""

import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "serving_"
# The time is of the system's monotonic clock, which all processes of a machine share and which cannot be set.
_TIME = struct.Struct("d")
# Seconds between two notes that tell that this process itself stood still, as on a machine that was paused.
_PAUSE = 3.0


class Liveness:
    """The state of one process, and its view of the others. Only the event loop's thread uses it.

    `limit` is the number of seconds without a free thread and without a finished request after which a process has
    stopped serving. Without a folder a process speaks for itself alone.
    """

    def __init__(self, threads: int, limit: float, folder: str = "") -> None:
        self.limit = limit
        self._threads = threads
        self._folder = Path(folder) if folder else None
        self._note: int | None = None
        self._requests = 0
        self._progress = self._noted = time.monotonic()

    def begun(self) -> None:
        """Count a request that was given to the threads."""
        if self._requests < self._threads:
            self._progress = time.monotonic()
        self._requests += 1

    def finished(self) -> None:
        """Count a request that a thread has finished."""
        self._requests -= 1
        self._progress = time.monotonic()

    def own_silence(self) -> float:
        """Seconds since this process had a free thread or finished a request."""
        if self._requests < self._threads:
            self._progress = time.monotonic()
        return time.monotonic() - self._progress

    def silence(self) -> float:
        """Return the longest silence of all processes that share the folder."""
        return max([self.own_silence(), *self._silences_of_others()])

    def note(self) -> None:
        """Tell the others how this process stands; to be called every second."""
        before, self._noted = self._noted, time.monotonic()
        if self._noted - before > _PAUSE:
            # Its threads could not finish anything either: they get the whole time once more.
            self._progress = self._noted
        if self._folder is None:
            return
        silence = self.own_silence()
        if self._note is None:
            self._note = _held(self._folder / f"{_PREFIX}{os.getpid()}")
        os.pwrite(self._note, _TIME.pack(time.monotonic() - silence), 0)

    def _silences_of_others(self) -> Iterator[float]:
        notes = self._folder.glob(f"{_PREFIX}*") if self._folder is not None and self._note is not None else ()
        for path in notes:
            if path.name == f"{_PREFIX}{os.getpid()}":
                continue
            try:
                if (progress := _progress_of(path)) is None:
                    path.unlink()
                else:
                    yield time.monotonic() - progress
            except FileNotFoundError:
                continue


def _held(path: Path) -> int:
    """Return a descriptor of a file that is locked as long as the process lives."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # A file without its lock is of a process that has ended: until now another one may have deleted it as such.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)


def _progress_of(path: Path) -> float | None:
    """Return the time that a process has noted; None when it has ended."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        noted = os.pread(descriptor, _TIME.size, 0)
        # Its owner has just begun.
        return _TIME.unpack(noted)[0] if len(noted) == _TIME.size else time.monotonic()
    else:
        return None
    finally:
        os.close(descriptor)
