"""The supervisor of `invoke serve`: what dies is started again, and stdout is JSON."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from devkit.stack.follow import Follower
from devkit.stack.pause import Pause

from .conftest import ROOT, Servers, Stack, alive, eventually, private_environ


def events(text: str) -> list[dict[str, Any]]:
    """The objects among some lines."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def messages(stack: Stack) -> list[str]:
    return [str(event["message"]) for event in events(stack.output())]


def test_a_part_that_keeps_dying_is_started_again_after_growing_pauses(stack: Stack) -> None:
    process = stack.start("mode=production", "worker=dies")
    stack.ready()
    before = stack.pids()
    eventually(lambda: "worker died with exit code 1; it is started again in 2 s" in messages(stack))
    said = [message for message in messages(stack) if message.startswith("worker ") and "hello" not in message]
    assert said[0] == "worker died with exit code 1; it is started again in 1 s"
    assert said[1].startswith("worker works again after ")
    after = stack.pids()
    assert after["worker"] != before["worker"]
    assert after["api"] == before["api"]
    process.terminate()
    assert stack.ended() == 0
    assert alive(before | after) == []


def test_a_part_whose_heartbeat_stops_is_killed_and_started_again(stack: Stack) -> None:
    stack.start("mode=production", "worker=freezes")
    stack.ready()
    before = stack.pids()
    eventually(lambda: stack.pids()["worker"] != before["worker"])
    assert "worker shows no sign of life for 1 s" in messages(stack)
    assert "worker died by signal SIGKILL; it is started again in 1 s" in messages(stack)
    assert alive(before) == ["api", "beat"]


def test_a_part_that_says_that_it_waits_for_a_server_is_left_alone(stack: Stack) -> None:
    stack.start("mode=production", "worker=waits")
    stack.ready()
    before = stack.pids()
    time.sleep(3)
    assert "worker shows no sign of life for 1 s" not in messages(stack)
    assert stack.pids() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_stop_is_obeyed_also_while_a_part_waits_for_its_restart(
    stack: Stack, number: signal.Signals
) -> None:
    process = stack.start("mode=production", "worker=dies")
    stack.ready()
    pids = stack.pids()
    eventually(lambda: any("started again" in message for message in messages(stack)))
    process.send_signal(number)
    assert stack.ended() == 0
    assert alive(pids) == []
    assert "Traceback" not in stack.output()


def test_a_server_that_dies_is_started_again_while_the_parts_are_attended(stack: Stack) -> None:
    process = stack.start("mode=production", "servers=redis")
    stack.ready()
    servers = Servers(stack.data, stack.environ)
    before = servers.processes("redis")
    servers.kill("redis")
    eventually(lambda: any(message.startswith("redis works again") for message in messages(stack)))
    assert servers.processes("redis") != before
    assert servers.rows("status", "--only", "redis")["redis"]["state"] == "up"
    process.terminate()
    assert stack.ended() == 0
    assert servers.run("status", "--only", "redis").returncode == 1


def test_a_parts_own_objects_pass_unchanged_and_all_else_becomes_one(stack: Stack) -> None:
    stack.start("mode=production", "api=logs")
    stack.ready()
    eventually(lambda: len(events(stack.output())) >= 3)
    said = {event["message"]: event.get("service") for event in events(stack.output())}
    assert said == {"api says hello": None, "beat says hello": "beat", "worker says hello": "worker"}


def test_pauses_double_up_to_half_a_minute_and_begin_anew_after_a_calm_one() -> None:
    now = 0.0
    pause = Pause(lambda: now)
    seconds = []
    for _ in range(7):
        seconds.append(pause.died())
        assert not pause.over()
        now += seconds[-1]
        assert pause.over()
        pause.started()
    assert seconds == [1, 2, 4, 8, 16, 30, 30]
    now += 61
    assert pause.died() == 1


class Lines(list[str]):
    """Stands in for what a terminal shows."""

    def line(self, part: str, text: str) -> None:
        self.append(f"{part}: {text}")

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


def serve(data: Path) -> list[str]:
    return [sys.executable, "-m", "devkit.stack", "serve", "--data", str(data)]


@pytest.mark.parametrize(
    ("command", "wrong", "named"),
    [
        ("serve", {"SECRET_KEY": "changeme"}, "SECRET_KEY: is a placeholder"),
        ("serve", {"API_TRUSTED_HOSTS": "*"}, "API_TRUSTED_HOSTS: needs the names"),
        ("run", {"API_THREADS": "many"}, "API_THREADS: Input should be a valid integer"),
    ],
)
def test_settings_that_cannot_be_used_are_named_before_anything_is_started(
    tmp_path: Path, command: str, wrong: dict[str, str], named: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devkit.stack", command, "--data", str(tmp_path / "data")],
        cwd=ROOT,
        env=private_environ(**wrong),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert named in done.stderr
    assert ".env.local" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.integration
def test_the_product_survives_the_death_of_its_worker_and_its_database(tmp_path: Path) -> None:
    data, environ = tmp_path / "data", private_environ(API_WORKERS="2")
    api = f"http://127.0.0.1:{environ['API_PORT']}"
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        process = subprocess.Popen(serve(data), cwd=ROOT, env=environ, stdout=out, stderr=err)
    try:
        eventually(lambda: process.poll() is not None or "Ctrl-C stops" in (tmp_path / "err").read_text(), 60)
        assert process.poll() is None, (tmp_path / "err").read_text()
        known = json.loads((data / "run" / "stack.json").read_text())
        os.kill(known["parts"]["worker"]["pid"], signal.SIGKILL)
        Servers(data, environ).kill("mongo")
        eventually(lambda: (tmp_path / "out").read_text().count(" works again after ") == 2, 60)
        report = httpx2.post(f"{api}/api/v1/reports", json={"title": "x", "values": [1, 3]}, timeout=20).json()
        eventually(lambda: httpx2.get(f"{api}/api/v1/reports/{report['id']}").json()["status"] == "done", 60)
    finally:
        process.terminate()
        code = process.wait(60)
    assert code == 0, (tmp_path / "err").read_text()
    lines = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert {"api", "worker", "supervisor"} <= {line["service"] for line in lines}
    assert report["id"] in {line["job_id"] for line in lines}


@pytest.mark.integration
def test_an_api_whose_threads_all_hang_is_started_again(tmp_path: Path) -> None:
    own = {"API_APP": "hanging_api:app", "PYTHONPATH": str(ROOT / "services/api/tests/front"), "API_STALL_LIMIT": "2"}
    data, environ = tmp_path / "data", private_environ(API_THREADS="2", **own)
    port = int(environ["API_PORT"])
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        process = subprocess.Popen(serve(data), cwd=ROOT, env=environ, stdout=out, stderr=err)
    try:
        eventually(lambda: process.poll() is not None or "Ctrl-C stops" in (tmp_path / "err").read_text(), 60)
        assert process.poll() is None, (tmp_path / "err").read_text()
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: "api works again after " in (tmp_path / "out").read_text(), 60)
        assert httpx2.get(f"http://127.0.0.1:{port}/version").status_code == 200
    finally:
        process.terminate()
        code = process.wait(60)
    assert code == 0, (tmp_path / "err").read_text()
    lines = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert "api died with exit code 1; it is started again in 1 s" in [line["message"] for line in lines]
    assert [line["level"] for line in lines if "all threads are busy; the process ends" in line["message"]] == [
        "CRITICAL"
    ]
