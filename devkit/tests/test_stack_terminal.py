"""`invoke dev` and its surroundings: its terminal, its settings files, addresses, and how a process has ended."""

import os
import pty
import signal
import sys
import time
from pathlib import Path

import pytest

from devkit import ports, process
from devkit.servers.server import Context
from devkit.stack.processes import api

from .conftest import Stack, alive, eventually, private_environ


def test_a_stack_under_nohup_survives_its_terminal(stack: Stack) -> None:
    started = stack.start(through=("nohup",))
    stack.ready()
    started.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert started.poll() is None
    assert sorted(alive(stack.pids())) == ["api", "clock", "engine"]
    started.terminate()
    assert stack.ended() == 0


def test_a_breakpoint_without_a_terminal_is_named_and_passed_by(stack: Stack) -> None:
    stack.start("engine=debugs")
    stack.ready()
    # The terminal shows what is logged once everything works, and this may come before.
    log = stack.data / "log" / "engine.log"
    eventually(lambda: "the answer is 42" in log.read_text())
    assert "breakpoint() at <string>:" in log.read_text()
    assert "was passed by: `invoke dev` has no terminal" in log.read_text()


def test_a_breakpoint_opens_the_debugger_in_the_terminal_of_the_command(stack: Stack) -> None:
    keyboard, terminal = pty.openpty()
    try:
        stack.start("engine=debugs", stdin=terminal)
        stack.ready()
        os.write(keyboard, b"answer = 43\nc\n")
        eventually(lambda: "engine | the answer is 43" in stack.output())
    finally:
        os.close(keyboard)
        os.close(terminal)


def test_changed_settings_start_everything_anew(stack: Stack) -> None:
    settings = stack.folder / "settings"
    settings.write_text("NAME=one\n")
    started = stack.start()
    stack.ready()
    before = stack.pids()
    settings.write_text("NAME=two\n")
    eventually(lambda: stack.output().count("Ctrl-C stops") == 2)
    assert "settings changed: everything is started anew" in stack.output()
    assert not set(stack.pids().values()) & set(before.values())
    assert alive(before | stack.pids()) == ["api", "clock", "engine"]
    started.terminate()
    assert stack.ended() == 0


def test_changed_settings_that_cannot_be_used_leave_everything_as_it_is(stack: Stack) -> None:
    settings = stack.folder / "settings"
    settings.write_text("NAME=one\n")
    stack.start()
    stack.ready()
    before = stack.pids()
    settings.write_text("NAME=wrong\n")
    eventually(lambda: "everything goes on as before: NAME: is wrong" in stack.output())
    assert stack.pids() == before
    assert sorted(alive(before)) == ["api", "clock", "engine"]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - compared, not bound
        ("::1", "http://[::1]:8000"),
        ("::", "http://[::1]:8000"),
        ("localhost", "http://localhost:8000"),
    ],
)
def test_the_address_of_the_api_can_be_opened_as_it_is_printed(tmp_path: Path, host: str, url: str) -> None:
    settings = private_environ() | {"API_HOST": host, "API_PORT": "8000"}
    assert api.process(Context(tmp_path, settings), tmp_path / "clock", tmp_path / "metrics").url == url


# The main thread ends alone: to the system the process is a zombie, and its exit code is not known yet.
LEADERLESS = """
import ctypes, os, threading, time
threading.Thread(target=lambda: (time.sleep(0.5), os._exit(7))).start()
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ends a main thread alone, as Linux lets it")
def test_a_process_counts_as_ended_when_its_exit_code_is_known(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LEADERLESS]
    started = process.spawn(command, log=tmp_path / "log", cwd=tmp_path, environ=os.environ)
    assert process.wait_until(lambda: not started.alive(), timeout=20)
    assert process.how_it_ended(started) == "with exit code 7"


def test_a_port_is_free_until_something_listens_on_it() -> None:
    assert ports.is_free(ports.unused())
