"""A small file system in memory, for a disk that gets full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .context import UnsupportedError

# Enough for an empty MongoDB and the jobs of one run.
_SIZE = "160m"


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small file system at a folder for the time of a block. Raise UnsupportedError where that is forbidden."""
    folder.mkdir(parents=True, exist_ok=True)
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    options = f"size={_SIZE},mode=700,uid={os.geteuid()}"
    try:
        _run(*sudo, "mount", "-t", "tmpfs", "-o", options, "chaos", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnsupportedError("a small disk needs root, or sudo without a password, to mount a tmpfs") from error
    try:
        yield
    finally:
        _run(*sudo, "umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
