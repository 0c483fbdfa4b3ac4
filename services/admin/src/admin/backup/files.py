"""Files that get their name only when they are complete."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a stream into a file that only its owner can read; it gets its name, on the disk, when the block succeeds.

    Any other end of the block leaves no file, a full disk and Ctrl-C included; after kill -9 a hidden file that ends in
    `.part` is left. Raises OSError, also for a name that is taken: nothing is ever overwritten.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "is no folder", str(path.parent))
    if path.exists():
        raise FileExistsError(errno.EEXIST, "is there already and is not overwritten; choose another name", str(path))
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
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
