"""py-spy as a process: it looks into a running one from outside, some hundred times a second."""

import signal
import subprocess
import sys
from pathlib import Path

from devkit import venv
from devkit.terminal import CommandError

# Samples per second.
_RATE = 250


class Recording:
    """A recording under way: of one process and all that it has started."""

    def __init__(self, pid: int, seconds: int, picture: Path) -> None:
        self._picture = picture
        self._said = picture.with_suffix(".err")
        program = venv.program("py-spy", mend="run `invoke install`.")
        # Only what holds the interpreter's lock: else threads that wait hide the code that runs.
        command = [program, "record", "--pid", str(pid), "--subprocesses", "--function", "--gil", "--rate", str(_RATE)]
        command += ["--duration", str(seconds), "--format", "flamegraph", "--output", str(picture)]
        with self._said.open("wb") as said:
            # In a session of its own: on Ctrl-C it would write half a picture.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )

    def ended(self) -> bool:
        """Tell whether it has ended; raise when it has failed."""
        code = self._process.poll()
        if code:
            raise failure(self._said.read_text(encoding="utf-8", errors="replace"))
        return code == 0

    def stop(self) -> None:
        """End it if it has not ended, and take away what is of no use."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        if self._process.wait():
            # What it has begun is no picture.
            self._picture.unlink(missing_ok=True)
        self._said.unlink(missing_ok=True)


def failure(said: str, platform: str = sys.platform) -> CommandError:
    """Return what was wrong by what py-spy has said, with its mend."""
    if "permission denied" in said.lower():
        return CommandError(f"the system does not let this user look into another process. {_mend(platform)}")
    if "No such process" in said or "Check that the process is running" in said:
        return CommandError("the process has ended before it could be profiled: start it again and repeat.")
    if "No stack counts found" in said:
        return CommandError("no Python code ran in that time: profile for longer, or while there is work.")
    reason = said.partition("Stack backtrace")[0].strip()
    return CommandError(f"py-spy could not profile: {reason or 'it said nothing'}")


def _mend(platform: str) -> str:
    if platform == "darwin":
        return 'macOS lets root only: `sudo env "PATH=$PATH" invoke profile --live 20s` while `invoke dev` runs.'
    return (
        "Allow it until the next start of this machine, `sudo sysctl kernel.yama.ptrace_scope=0`; "
        "in a container, start that with `--cap-add SYS_PTRACE`. Then repeat."
    )
