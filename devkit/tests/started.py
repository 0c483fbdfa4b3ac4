"""Processes that a test starts and that end with it, also when the test fails half-way."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

Spawn = Callable[..., subprocess.Popen[Any]]


@contextmanager
def started_processes() -> Iterator[Spawn]:
    """Yields what starts a process as `subprocess.Popen` does; after the block none of them runs, no pipe is open."""
    with ExitStack() as stops:

        def spawn(command: list[str], **options: Any) -> subprocess.Popen[Any]:
            process = subprocess.Popen(command, **options)
            stops.callback(end, process)
            return process

        yield spawn


def end(process: subprocess.Popen[Any], *, patience: float = 60) -> None:
    """Asks a process to stop what it has started and itself, and kills it when it does not."""
    if process.poll() is None:
        process.terminate()
    try:
        # Reads what it still says, for a full pipe would hold it.
        process.communicate(timeout=patience)
    except (subprocess.TimeoutExpired, ValueError):
        # A pipe that the test has closed is not to be read.
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
