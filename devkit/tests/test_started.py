"""What a failing test has started is stopped before the next one begins."""

import subprocess
import sys

import pytest

from .started import end, started_processes

SLEEP = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(600)"]
STUBBORN = [sys.executable, "-c", f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP[2]}"]


def fail_half_way(started: list[subprocess.Popen[str]]) -> None:
    with started_processes() as spawn:
        started += [spawn(SLEEP, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        raise AssertionError("half-way")


def test_what_a_test_that_fails_half_way_has_started_is_stopped() -> None:
    started: list[subprocess.Popen[str]] = []
    with pytest.raises(AssertionError, match="half-way"):
        fail_half_way(started)
    assert [process.poll() is None for process in started] == [False, False]
    assert all(process.stdout is not None and process.stdout.closed for process in started)


def test_what_does_not_stop_is_killed() -> None:
    process = subprocess.Popen(STUBBORN, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    end(process, patience=0.2)
    assert process.poll() == -9
