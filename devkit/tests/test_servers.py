"""`invoke db-up` and its siblings: what it starts, finds again, refuses, and leaves behind, on the quickest server."""

import ipaddress
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from devkit.process import started_at

from .conftest import QUICK, QUICK_PASSWORD, QUICK_PORT, ROOT, Servers, listening
from .started import Spawn


def test_starting_twice_starts_nothing_the_second_time(servers: Servers) -> None:
    first = servers.rows("up", "--only", QUICK)[QUICK]
    second = servers.rows("up", "--only", QUICK)[QUICK]
    assert second["state"] == "already up"
    assert (second["pid"], second["version"]) == (first["pid"], first["version"])


@pytest.mark.parametrize("name", dict.fromkeys(["mongo", QUICK]))
def test_a_server_listens_on_this_machine_alone(servers: Servers, name: str) -> None:
    servers.rows("up", "--only", name)
    for pid in servers.processes(name):
        assert listening(pid)
        assert all(ipaddress.ip_address(address).is_loopback for address in listening(pid))


def test_two_starts_at_once_start_one_server(servers: Servers, spawn: Spawn) -> None:
    both = [
        spawn(
            servers.command("up", "--only", QUICK, "--json"),
            cwd=ROOT,
            env=servers.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    rows = [json.loads(each.communicate(timeout=60)[0])[QUICK] for each in both]
    assert sorted(row["state"] for row in rows) == ["already up", "started"]
    assert rows[0]["pid"] == rows[1]["pid"]


def test_status_is_0_when_up_and_1_after_a_crash(servers: Servers) -> None:
    servers.rows("up", "--only", QUICK)
    assert servers.rows("status", "--only", QUICK)[QUICK]["state"] == "up"
    servers.kill(QUICK)
    done = servers.run("status", "--only", QUICK, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)[QUICK]["state"] == "down"


def test_status_tells_a_frozen_server_from_one_that_answers(servers: Servers) -> None:
    pid = servers.rows("up", "--only", QUICK)[QUICK]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        done = servers.run("status", "--only", QUICK, "--json")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert done.returncode == 1
    assert json.loads(done.stdout)[QUICK]["state"] == "not answering"


def test_a_taken_port_is_named_with_its_owner_and_the_setting_to_change(servers: Servers) -> None:
    with closing(socket.create_server(("127.0.0.1", int(servers.environ[QUICK_PORT])))):
        done = servers.run("up", "--only", QUICK)
    assert done.returncode == 1
    assert f"port {servers.environ[QUICK_PORT]} is taken by pid {os.getpid()}" in done.stderr
    assert QUICK_PORT in done.stderr
    assert "Traceback" not in done.stderr


def test_a_recycled_pid_is_not_killed(servers: Servers) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        folder = servers.data / QUICK
        folder.mkdir(parents=True)
        known = {"processes": [{"pid": bystander.pid, "started": 1.0}], "port": 1, "version": "1", "since": ""}
        (folder / "state.json").write_text(json.dumps(known))
        assert servers.rows("down", "--only", QUICK)[QUICK]["state"] == "not running"
        assert bystander.poll() is None
        bystander.kill()


def test_another_password_for_a_running_server_is_refused_with_the_mend(servers: Servers) -> None:
    servers.rows("up", "--only", QUICK)
    done = servers.run("up", "--only", QUICK, **{QUICK_PASSWORD: "another-password"})
    assert done.returncode == 1
    assert QUICK_PASSWORD in done.stderr
    # What mends it depends on whether the data were made with the password.
    assert re.search("`invoke db-(down|reset)`", done.stderr)


def test_another_port_for_a_running_server_is_refused_with_the_mend(servers: Servers) -> None:
    servers.rows("up", "--only", QUICK)
    done = servers.run("up", "--only", QUICK, **{QUICK_PORT: servers.environ["API_PORT"]})
    assert done.returncode == 1
    assert "already runs on port" in done.stderr


def test_reset_asks_and_deletes_nothing_when_nobody_can_answer(servers: Servers) -> None:
    servers.rows("up", "--only", QUICK)
    done = servers.run("reset", "--only", QUICK)
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert servers.rows("status", "--only", QUICK)[QUICK]["state"] == "up"


def test_reset_stops_the_server_and_deletes_its_folder_only(servers: Servers) -> None:
    pid = servers.rows("up", "--only", QUICK)[QUICK]["pid"]
    (servers.data / "mine.txt").write_text("kept")
    assert servers.rows("reset", "--only", QUICK, "--yes")[QUICK]["state"] == "deleted"
    assert not (servers.data / QUICK).exists()
    assert (servers.data / "mine.txt").exists()
    assert started_at(pid) is None


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({QUICK_PASSWORD: ""}, [f"{QUICK_PASSWORD} is not set", "invoke install"]),
        ({QUICK_PORT: "many"}, [f"{QUICK_PORT}=many is no port"]),
    ],
)
def test_a_wrong_setting_is_one_clear_line(servers: Servers, environ: dict[str, str], words: list[str]) -> None:
    done = servers.run("up", "--only", QUICK, **environ)
    assert done.returncode == 1
    assert all(word in done.stderr for word in words)
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = Servers(tmp_path / "file" / "data").run("up", "--only", QUICK)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
