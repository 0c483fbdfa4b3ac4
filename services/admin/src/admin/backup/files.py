"""Files that get their name only when they are complete."""

import errno
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# In place of a file name: standard output or input.
STREAM = "-"


@contextmanager
def readable(file: str) -> Iterator[IO[bytes]]:
    """Yield a stream that can be read twice; standard input is copied to a temporary file for that. Raises OSError."""
    if file != STREAM:
        with Path(file).open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.seek(0)
        yield copy


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a stream into a file that only its owner can read; it gets its name, on the disk, when the block succeeds.

    Any other end of the block leaves no file, a full disk and Ctrl-C included; after kill -9 a hidden file that ends in
    `.part` is left. It is locked as long as it is written. Raises OSError, also for a name that is taken: nothing is
    ever overwritten.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "is no folder", str(path.parent))
    if path.exists():
        raise FileExistsError(errno.EEXIST, "is there already and is not overwritten; choose another name", str(path))
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(part).rename(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Write the name to the disk as well, not only the content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
