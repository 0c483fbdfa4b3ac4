"""The supervisor of `invoke serve`: a process that dies ends the run, and stdout is JSON."""

import json
import logging
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from common.logging import JsonFormatter
from devkit import local_secrets
from devkit.servers.selection import SERVERS
from devkit.stack.follow import Follower
from devkit.stack.output import JsonOutput
from devkit.stack.private import PrivateStack
from devkit.stack.temporary import production_environ

from .conftest import QUICK, ROOT, Servers, Stack, alive, eventually, private_environ


def events(text: str) -> list[dict[str, Any]]:
    """The objects among some lines."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def messages(stack: Stack) -> list[str]:
    return [str(event["message"]) for event in events(stack.output())]


def test_a_line_of_the_supervisor_has_the_fields_of_a_line_of_a_process(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("api", logging.INFO, "", 0, "it works", None, None)
    JsonOutput("0.1.0").event("it works")
    assert list(json.loads(capsys.readouterr().out)) == list(json.loads(JsonFormatter("api", "0.1.0").format(record)))


def test_a_process_that_dies_ends_all_of_it_and_that_is_an_object_too(stack: Stack) -> None:
    stack.start("mode=production", "engine=dies")
    stack.ready()
    pids = stack.pids()
    assert stack.ended() == 1
    assert alive(pids) == []
    assert "error: engine died with exit code 1. The end of " in stack.output()
    critical = [event["message"] for event in events(stack.output()) if event.get("level") == "CRITICAL"]
    assert len(critical) == 1
    assert critical[0].startswith("engine died with exit code 1. The end of ")
    assert "the disk is on fire" in critical[0]


def test_a_process_may_wait_for_what_runs_once_however_long_that_takes(stack: Stack) -> None:
    stack.start("mode=production", "prepares=3", "api=late")
    stack.ready()


def test_a_process_whose_heartbeat_stops_is_killed_and_ends_all_of_it(stack: Stack) -> None:
    stack.start("mode=production", "engine=freezes")
    stack.ready()
    pids = stack.pids()
    assert stack.ended() == 1
    assert "engine has shown no sign of life for 1 s" in stack.output()
    assert alive(pids) == []


def test_a_process_that_says_that_it_waits_for_a_server_is_left_alone(stack: Stack) -> None:
    stack.start("mode=production", "engine=waits")
    stack.ready()
    before = stack.pids()
    time.sleep(3)
    assert stack.running[-1].poll() is None, stack.output()
    assert sorted(alive(before)) == ["api", "clock", "engine"]


def test_a_server_that_dies_ends_all_of_it_and_the_next_start_begins_with_its_data(stack: Stack) -> None:
    stack.start("mode=production", f"servers={QUICK}")
    stack.ready()
    pids, servers = stack.pids(), Servers(stack.data, stack.environ)
    servers.kill(QUICK)
    assert stack.ended() == 1
    assert f"{QUICK} has ended. The end of " in stack.output()
    assert alive(pids) == []
    process = stack.start("mode=production", f"servers={QUICK}")
    stack.ready()
    process.terminate()
    assert stack.ended() == 0
    assert servers.run("status", "--only", QUICK).returncode == 1


def test_a_process_own_objects_pass_unchanged_and_all_else_becomes_one(stack: Stack) -> None:
    stack.start("mode=production", "api=logs")
    stack.ready()
    eventually(lambda: len(events(stack.output())) >= 3)
    said = {event["message"]: event.get("service") for event in events(stack.output())}
    assert said == {"api says hello": None, "clock says hello": "clock", "engine says hello": "engine"}


class Lines(list[str]):
    """Stands in for what a terminal shows."""

    def line(self, process: str, text: str) -> None:
        self.append(f"{process}: {text}")

    def event(self, message: str, level: str = "INFO") -> None:
        self.append(message)


def test_a_log_that_grows_too_long_begins_anew_and_no_line_is_lost(tmp_path: Path) -> None:
    log, shown = tmp_path / "api.log", Lines()
    follower = Follower(shown, max_log=30)
    follower.add("api", log)
    with log.open("a") as writer:
        for number in range(10):
            writer.write(f"line {number}\nhalf of")
            writer.flush()
            follower.show()
            writer.write(f" {number}\n")
            writer.flush()
            follower.show()
    assert shown == [f"api: {what} {number}" for number in range(10) for what in ("line", "half of")]
    assert log.stat().st_size < 60
    assert "half of" in (tmp_path / "api.log.old").read_text()


def refused(data: Path, command: str, environ: dict[str, str], named: str) -> str:
    """What a command says whose settings cannot be used, and this among it."""
    done = subprocess.run(
        [sys.executable, "-m", "devkit", command, "--data", str(data)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert named in done.stderr
    assert ".env.local" in done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY: is made of usual words"),
        ({"API_TRUSTED_HOSTS": "*"}, "API_TRUSTED_HOSTS: needs the names"),
    ],
)
def test_settings_that_production_refuses_are_named_before_anything_is_started(
    tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    refused(tmp_path / "data", "serve", private_environ(**wrong), named)
    assert not (tmp_path / "data").exists()


def test_settings_that_cannot_be_used_are_named_before_a_process_is_started(tmp_path: Path) -> None:
    environ, servers = private_environ(API_THREADS="many"), Servers(tmp_path / "data")
    said = refused(servers.data, "dev", environ, "API_THREADS: Input should be a valid integer")
    assert "starting migrate" not in said
    assert not (servers.data / "log").exists()
    # The servers, which start meanwhile, are stopped again.
    servers.environ = environ
    assert servers.run("status").returncode == 1
    assert not list(servers.data.glob("*/state.json"))


@pytest.mark.integration
def test_an_api_whose_threads_all_hang_ends_all_of_it(tmp_path: Path) -> None:
    own = {"API_APP": "hanging_api:app", "PYTHONPATH": str(ROOT / "libs/web/tests/front"), "API_STALL_LIMIT": "2"}
    with ExitStack() as connections, PrivateStack(tmp_path, private_environ(API_THREADS="2", **own)) as stack:
        lines = ["GET /hang HTTP/1.1", "Host: localhost", *map(": ".join, stack.headers.items())]
        for _ in range(2):
            # Kept open: a request whose client has gone may never be given to a thread.
            address = ("127.0.0.1", int(stack.environ["API_PORT"]))
            connection = connections.enter_context(socket.create_connection(address))
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert stack.process.wait(60) == 1
        assert "error: api died with exit code 1" in stack.said
        assert stack.log("api").count("all threads are busy; the process ends") == 1


def test_each_stack_has_fresh_secrets_and_ports_and_nothing_of_the_developers() -> None:
    first, second = production_environ(), production_environ()
    own = ("API_PORT", *(server.port_key for server in SERVERS.values()))
    assert len({first[key] for key in own}) == len(own)
    assert all(first[key] != second[key] for key in local_secrets.names())
    assert (first["ENVIRONMENT"], first["MONGO_URL"]) == ("production", "")
