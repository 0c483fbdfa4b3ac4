"""Starts commands in a copy of the starter or in a product, as a shell does."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..features.copies import SOURCES


def refusal(starter: Path, *arguments: str) -> str:
    """Return what a command says that is refused, which is one line."""
    done = started(starter, *arguments)
    output = done.communicate(timeout=120)[0]
    assert done.returncode in {1, 2}
    assert output.startswith("error: "), output
    assert len(output.splitlines()) == 1, output
    return output


def started(starter: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start `new project`."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(str(starter / name) for name in SOURCES)}
    return in_own_group(starter, environ, "new", "project", *arguments)


def in_own_group(root: Path, environ: Mapping[str, str], *words: str) -> "subprocess.Popen[str]":
    """Start a command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "devkit", *words],
        cwd=root,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A shell starts commands in the background with it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
