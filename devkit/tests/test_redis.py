"""The native Valkey: its password, its data, its log and its configuration."""

import json
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from .conftest import Servers


def ask(port: int, *commands: str) -> str:
    """What a Redis answers to some commands."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall("".join(f"{command}\r\n" for command in (*commands, "QUIT")).encode())
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer.decode()


def redis(servers: Servers, *commands: str) -> str:
    return ask(
        int(servers.environ["REDIS_PORT"]),
        f"AUTH {servers.environ['REDIS_USER']} {servers.environ['REDIS_PASSWORD']}",
        *commands,
    )


def test_a_started_server_answers_with_its_password_and_refuses_without(servers: Servers) -> None:
    row = servers.rows("up", "--only", "redis")["redis"]
    assert row["state"] == "started"
    assert row["url"] == f"redis://127.0.0.1:{servers.environ['REDIS_PORT']}/0"
    assert Path(row["log"]).is_file()
    assert "+PONG" in redis(servers, "PING")
    assert "NOAUTH" in ask(row["port"], "PING")


def test_data_are_kept_over_down_and_up(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    assert "+OK" in redis(servers, "SET product:kept yes")
    assert servers.rows("down", "--only", "redis")["redis"]["state"] == "stopped"
    servers.rows("up", "--only", "redis")
    assert "yes" in redis(servers, "GET product:kept")


def test_another_password_while_it_runs_is_refused_with_the_command_that_stops_it(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    done = servers.run("up", "--only", "redis", REDIS_PASSWORD="another-password")
    assert done.returncode == 1
    assert "invoke db-down" in done.stderr


def test_a_secret_stands_in_no_command_line_no_output_and_no_file_others_can_read(servers: Servers) -> None:
    done = servers.run("up", "--only", "redis", "--json")
    pid = json.loads(done.stdout)["redis"]["pid"]
    secret = servers.environ["REDIS_PASSWORD"]
    assert secret not in done.stdout + done.stderr
    assert secret not in " ".join(subprocess.check_output(["ps", "-o", "args=", "-p", str(pid)], text=True).split())
    holders = [path for path in servers.data.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert holders == []
    assert stat.S_IMODE((servers.data / "redis" / "valkey.conf").stat().st_mode) == 0o600


def test_logs_show_what_the_server_said(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    done = servers.run("logs", "--server", "redis")
    assert done.returncode == 0
    assert "Ready to accept connections" in done.stdout


def test_a_server_that_ends_at_once_is_reported_with_the_end_of_its_log(servers: Servers) -> None:
    broken = servers.data / "redis" / "appendonlydir" / "appendonly.aof.manifest"
    broken.parent.mkdir(parents=True)
    broken.write_text("this is no manifest\n")
    done = servers.run("up", "--only", "redis")
    assert done.returncode == 1
    assert "redis ended instead of starting" in done.stderr
    assert str(servers.data / "redis" / "log") in done.stderr
    assert "manifest" in done.stderr.partition("The end of")[2]


def test_without_a_program_that_encrypts_the_mend_is_told(servers: Servers, tmp_path: Path) -> None:
    done = servers.run("up", "--only", "redis", TLS="1", PATH=str(tmp_path))
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "with TLS was not found" in line
    assert "apt install redis-tools" in line


def test_what_was_written_in_plain_text_is_no_obstacle_to_encryption(servers: Servers) -> None:
    servers.rows("up", "--only", "redis")
    key = f"{servers.environ['PROJECT']}:kept"
    assert redis(servers, f"SET {key} yes").count("+OK") == 3
    servers.rows("down", "--only", "redis")
    done = servers.run("up", "--only", "redis", TLS="1")
    if "was not found" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    servers.rows("down", "--only", "redis")
    servers.rows("up", "--only", "redis")
    assert "yes" in redis(servers, f"GET {key}")
