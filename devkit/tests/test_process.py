"""Processes that go on when the one that has started them ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from devkit import process
started = process.spawn(["sleep", "60"], log=Path(sys.argv[1]), cwd=Path.cwd(), environ={})
print(started.pid)
"""


def test_a_server_that_goes_on_is_no_fault_of_the_process_that_has_started_it(tmp_path: Path) -> None:
    """As in a run of tests, where one process starts a server for all and another one stops it."""
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", PROGRAM, str(tmp_path / "log")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    os.kill(int(done.stdout), signal.SIGKILL)
    assert done.stderr == ""
