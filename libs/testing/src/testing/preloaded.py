"""Modules run as programs, each in a process of its own that need not import the libraries again.

It is forked from a process that has imported them and does nothing else; the product's own modules are imported anew,
for some of them look at the environment. A real process is ready in half of the processor's time.
"""

import functools
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from common.discovery import modules_of
from testing import plugins

# A module of `testing.plugins` adds its own. None of them may import prometheus-client, which looks at the environment
# when it is imported.
LIBRARIES = ["pydantic", "pydantic_settings", "pymongo"]

_context = multiprocessing.get_context("forkserver")


@functools.cache
def _prepare() -> None:
    """Say what is imported before the first fork. Not when this module is imported: each process of its own does that.

    A plugin may import prometheus-client itself.
    """
    more = [name for module in modules_of(plugins) for name in getattr(module, "LIBRARIES", ())]
    _context.set_forkserver_preload([*LIBRARIES, *more])


class Program:
    """A running module, in a process group of its own, with files for what it reads and writes; like a Popen.

    Without a file of their own its errors go where its output goes.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        folder: Path,
        output: Path,
        *,
        errors: Path | None = None,
        given: Path | None = None,
    ) -> None:
        _prepare()
        for path in {output, errors or output}:
            path.touch(mode=0o600)
        files = [str(given or os.devnull), str(output), str(errors or output)]
        self._process = _context.Process(target=_run, args=(list(command), dict(environ), str(folder), files))
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its group."""
        return int(self._process.pid or 0)

    def poll(self) -> int | None:
        """Return its exit code, or minus the signal that ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _run(command: list[str], environ: dict[str, str], folder: str, files: list[str]) -> None:
    """Become what `python -W ignore -m COMMAND` would be."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for number, path in enumerate(files):
        opened = os.open(path, os.O_WRONLY | os.O_APPEND if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    # The standard library has put an empty one in its place.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it stays open as long as the process lives
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("ignore")
    sys.path[:0] = [folder, *filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv[:] = command
    # For what starts itself again in another environment.
    sys.orig_argv[:] = [sys.executable, "-W", "ignore", "-m", *command]
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
