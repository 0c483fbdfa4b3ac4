"""A small file system in memory, for a disk that gets full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .place import UnfitError

# Enough for an empty MongoDB and the reports of one run.
SIZE = "160m"


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mounts one at a folder for the time of a block. Raises UnfitError where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    options = f"size={SIZE},mode=700,uid={os.geteuid()}"
    try:
        _run(*as_root, "mount", "-t", "tmpfs", "-o", options, "chaos", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnfitError("a small disk needs root, or sudo without a password, to mount a tmpfs") from error
    try:
        yield
    finally:
        _run(*as_root, "umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
