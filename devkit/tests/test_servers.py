"""`invoke db-up` and its siblings: what it starts, finds again, refuses, and leaves behind, on the quickest server."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from devkit.process import started_at

from .conftest import ROOT, Servers
from .started import Spawn


def ask(port: int, *commands: str) -> str:
    """What a Redis answers to some commands."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall("".join(f"{command}\r\n" for command in (*commands, "QUIT")).encode())
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer.decode()


def redis(servers: Servers, *commands: str) -> str:
    return ask(int(servers.environ["REDIS_PORT"]), f"AUTH {servers.environ['REDIS_PASSWORD']}", *commands)


def test_a_started_server_answers_with_its_password_and_refuses_without(servers: Servers) -> None:
    row = servers.rows("up", "--only", "redis")["redis"]
    assert row["state"] == "started"
    assert row["url"] == f"redis://127.0.0.1:{servers.environ['REDIS_PORT']}/0"
    assert Path(row["log"]).is_file()
    assert "+PONG" in redis(servers, "PING")
    assert "NOAUTH" in ask(row["port"], "PING")


def test_starting_twice_starts_nothing_the_second_time(servers: Servers) -> None:
    first = servers.rows("up", "--only", "redis")["redis"]
    second = servers.rows("up", "--only", "redis")["redis"]
    assert second["state"] == "already up"
    assert (second["pid"], second["version"]) == (first["pid"], first["version"])


def test_two_starts_at_once_start_one_server(servers: Servers, spawn: Spawn) -> None:
    both = [
        spawn(
            servers.command("up", "--only", "redis", "--json"),
            cwd=ROOT,
            env=servers.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(2)
    ]
    rows = [json.loads(each.communicate(timeout=60)[0])["redis"] for each in both]
    assert sorted(row["state"] for row in rows) == ["already up", "started"]
    assert rows[0]["pid"] == rows[1]["pid"]


def test_data_are_kept_over_down_and_up(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    assert "+OK" in redis(servers, "SET kept yes")
    assert servers.rows("down", "--only", "redis")["redis"]["state"] == "stopped"
    servers.rows("up", "--only", "redis")
    assert "yes" in redis(servers, "GET kept")


def test_status_is_0_when_up_and_1_after_a_crash(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    assert servers.rows("status", "--only", "redis")["redis"]["state"] == "up"
    servers.kill("redis")
    done = servers.run("status", "--only", "redis", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["redis"]["state"] == "down"


def test_status_tells_a_frozen_server_from_one_that_answers(servers: Servers) -> None:
    pid = servers.rows("up", "--only", "redis")["redis"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        done = servers.run("status", "--only", "redis", "--json")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert done.returncode == 1
    assert json.loads(done.stdout)["redis"]["state"] == "not answering"


def test_a_taken_port_is_named_with_its_owner_and_the_setting_to_change(servers: Servers) -> None:
    with closing(socket.create_server(("127.0.0.1", int(servers.environ["REDIS_PORT"])))):
        done = servers.run("up", "--only", "redis")
    assert done.returncode == 1
    assert f"port {servers.environ['REDIS_PORT']} is taken by pid {os.getpid()}" in done.stderr
    assert "REDIS_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_recycled_pid_is_not_killed(servers: Servers) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        folder = servers.data / "redis"
        folder.mkdir(parents=True)
        known = {"processes": [{"pid": bystander.pid, "started": 1.0}], "port": 1, "version": "1", "since": ""}
        (folder / "state.json").write_text(json.dumps(known))
        assert servers.rows("down", "--only", "redis")["redis"]["state"] == "not running"
        assert bystander.poll() is None
        bystander.kill()


def test_a_secret_stands_in_no_command_line_no_output_and_no_file_others_can_read(servers: Servers) -> None:
    done = servers.run("up", "--only", "redis", "--json")
    pid = json.loads(done.stdout)["redis"]["pid"]
    secret = servers.environ["REDIS_PASSWORD"]
    assert secret not in done.stdout + done.stderr
    assert secret not in " ".join(subprocess.check_output(["ps", "-o", "args=", "-p", str(pid)], text=True).split())
    holders = [path for path in servers.data.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert [path.name for path in holders] == ["valkey.conf"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in holders)


def test_another_password_for_a_running_server_is_refused_with_the_mend(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    done = servers.run("up", "--only", "redis", REDIS_PASSWORD="another-password")
    assert done.returncode == 1
    assert "invoke db-down" in done.stderr


def test_another_port_for_a_running_server_is_refused_with_the_mend(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    done = servers.run("up", "--only", "redis", REDIS_PORT=servers.environ["API_PORT"])
    assert done.returncode == 1
    assert "already runs on port" in done.stderr


def test_reset_asks_and_deletes_nothing_when_nobody_can_answer(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    done = servers.run("reset", "--only", "redis")
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert servers.rows("status", "--only", "redis")["redis"]["state"] == "up"


def test_reset_stops_the_server_and_deletes_its_folder_only(servers: Servers) -> None:
    pid = servers.rows("up", "--only", "redis")["redis"]["pid"]
    (servers.data / "mine.txt").write_text("kept")
    assert servers.rows("reset", "--only", "redis", "--yes")["redis"]["state"] == "deleted"
    assert not (servers.data / "redis").exists()
    assert (servers.data / "mine.txt").exists()
    assert started_at(pid) is None


def test_logs_show_what_the_server_said(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    done = servers.run("logs", "--server", "redis")
    assert done.returncode == 0
    assert "Ready to accept connections" in done.stdout


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"REDIS_PASSWORD": ""}, ["REDIS_PASSWORD is not set", "invoke install"]),
        ({"REDIS_PORT": "many"}, ["REDIS_PORT=many is no port"]),
        ({"DB_BACKEND": "podman"}, ["DB_BACKEND=podman", "native, docker"]),
    ],
)
def test_a_wrong_setting_is_one_clear_line(servers: Servers, environ: dict[str, str], words: list[str]) -> None:
    done = servers.run("up", "--only", "redis", **environ)
    assert done.returncode == 1
    assert all(word in done.stderr for word in words)
    assert "Traceback" not in done.stderr


def test_two_servers_on_one_port_are_refused_before_anything_starts(servers: Servers) -> None:
    done = servers.run("up", MONGO_PORT=servers.environ["REDIS_PORT"])
    assert done.returncode == 1
    assert "MONGO_PORT and REDIS_PORT are both" in done.stderr
    assert not servers.data.exists()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = Servers(tmp_path / "file" / "data").run("up", "--only", "redis")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_when_one_server_fails_the_others_that_were_started_with_it_are_stopped(servers: Servers) -> None:
    with closing(socket.create_server(("127.0.0.1", int(servers.environ["REDIS_PORT"])))):
        done = servers.run("up")
    assert done.returncode == 1
    assert "starting mongo" in done.stderr
    assert not (servers.data / "mongo" / "state.json").exists()


def test_a_server_that_ends_at_once_is_reported_with_the_end_of_its_log(servers: Servers) -> None:
    broken = servers.data / "redis" / "appendonlydir" / "appendonly.aof.manifest"
    broken.parent.mkdir(parents=True)
    broken.write_text("this is no manifest\n")
    done = servers.run("up", "--only", "redis")
    assert done.returncode == 1
    assert "redis ended instead of starting" in done.stderr
    assert str(servers.data / "redis" / "log") in done.stderr
    assert "manifest" in done.stderr.partition("The end of")[2]
