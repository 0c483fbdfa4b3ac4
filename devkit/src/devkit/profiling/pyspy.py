"""py-spy as a process: it samples a running process from outside, some hundred times a second."""

import signal
import subprocess
import sys
from pathlib import Path

from devkit import venv
from devkit.profiling import flamegraph
from devkit.terminal import CommandError

# Samples per second.
_RATE = 250


class Recording:
    """A recording of one process and its descendants."""

    def __init__(self, pid: int, seconds: int, picture: Path) -> None:
        self._picture = picture
        self._log = picture.with_suffix(".err")
        program = venv.program("py-spy")
        # Only threads that hold the interpreter's lock: otherwise threads that wait hide the code that runs.
        command = [program, "record", "--pid", str(pid), "--subprocesses", "--function", "--gil", "--rate", str(_RATE)]
        command += ["--duration", str(seconds), "--format", "flamegraph", "--output", str(picture)]
        with self._log.open("wb") as log:
            # In a session of its own: on Ctrl-C it would write half a picture.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def ended(self) -> bool:
        """Return whether it has ended. Raise CommandError when it has failed."""
        code = self._process.poll()
        if code:
            raise failure(self._log.read_text(encoding="utf-8", errors="replace"))
        return code == 0

    def stop(self) -> None:
        """End it if it has not ended, and remove what is of no use."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        if self._process.wait():
            # What it has begun is not a whole picture.
            self._picture.unlink(missing_ok=True)
        else:
            flamegraph.keep_names(self._picture)
        self._log.unlink(missing_ok=True)


def failure(output: str, platform: str = sys.platform) -> CommandError:
    """Return what was wrong according to the output of py-spy, and how to correct it."""
    if "permission denied" in output.lower():
        return CommandError(f"the system does not let this user look into another process. {_remedy(platform)}")
    if "No such process" in output or "Check that the process is running" in output:
        return CommandError("the process has ended before it could be profiled: start it again and repeat.")
    if "No stack counts found" in output:
        return CommandError("no Python code ran in that time: profile for longer, or while there is work.")
    reason = output.partition("Stack backtrace")[0].strip()
    return CommandError(f"py-spy could not profile: {reason or 'it printed nothing'}")


def _remedy(platform: str) -> str:
    if platform == "darwin":
        return 'macOS lets root only: `sudo env "PATH=$PATH" invoke profile --live 20s` while `invoke dev` runs.'
    return (
        "Allow it until the next start of this machine, `sudo sysctl kernel.yama.ptrace_scope=0`; "
        "where processes are isolated, start that with `--cap-add SYS_PTRACE`. Then repeat."
    )
