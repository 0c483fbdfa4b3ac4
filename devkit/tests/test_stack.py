"""The supervisor of `invoke dev`, with small processes that live, die, refuse to end, or change their code."""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from devkit.servers.server import Context
from devkit.stack.companions import companions

from .conftest import QUICK, QUICK_PORT, Servers, Stack, alive, eventually


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_ends_the_processes_in_order_without_a_traceback(
    stack: Stack, number: signal.Signals
) -> None:
    process = stack.start()
    stack.ready()
    pids = stack.pids()
    assert sorted(alive(pids)) == ["api", "clock", "engine"]
    process.send_signal(number)
    assert stack.ended() == 0
    said = [line for line in stack.output().splitlines() if "stopping" in line or "goodbye" in line]
    assert said == [
        "stopping api ...",
        "api    | api says goodbye",
        "stopping clock ...",
        "clock  | clock says goodbye",
        "stopping engine ...",
        "engine | engine says goodbye",
    ]
    assert alive(pids) == []
    assert "Traceback" not in stack.output()


def test_a_companion_starts_when_the_others_work_and_stops_first(stack: Stack) -> None:
    process = stack.start("page=lives")
    stack.ready()
    eventually(lambda: "page works after" in stack.output())
    said = stack.output()
    assert said.index("starting api, clock, engine") < said.index("Ctrl-C stops") < said.index("page works after")
    pids = stack.pids()
    assert sorted(alive(pids)) == ["api", "clock", "engine", "page"]
    process.send_signal(signal.SIGINT)
    assert stack.ended() == 0
    assert stack.output().index("stopping page") < stack.output().index("stopping api")
    assert alive(pids) == []


def test_a_companion_that_does_not_start_stops_nothing(stack: Stack) -> None:
    stack.start("page=broken")
    stack.ready()
    eventually(lambda: "page does not start (its log tells why)" in stack.output())
    assert set(alive(stack.pids())) >= {"api", "clock", "engine"}


def test_a_companion_whose_port_is_taken_is_left_out_and_that_is_one_line(stack: Stack) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        process = stack.start("page=lives", f"page-port={port}")
        stack.ready()
        said = [line for line in stack.output().splitlines() if line.startswith("page")]
        assert len(said) == 1
        assert said[0].startswith(f"page is not started: port {port} is taken by pid {os.getpid()} ")
        assert said[0].endswith("set another PAGE_PORT in .env.local.")
        assert sorted(alive(stack.pids())) == ["api", "clock", "engine"]
        process.terminate()
        assert stack.ended() == 0


def test_a_companion_that_dies_later_stops_nothing_either(stack: Stack) -> None:
    process = stack.start("page=lives")
    stack.ready()
    eventually(lambda: "page works after" in stack.output())
    os.kill(stack.pids()["page"], signal.SIGKILL)
    eventually(lambda: "page died by signal SIGKILL (its log tells why)" in stack.output())
    assert set(alive(stack.pids())) >= {"api", "clock", "engine"}
    process.terminate()
    assert stack.ended() == 0
    assert stack.output().count("page died") == 1


def test_a_folder_of_a_service_declares_a_companion(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "tool" / "src" / "tool" / "page"
    folder.mkdir(parents=True)
    (folder / "companion.toml").write_text('name = "page"\nmodule = "tool.page"\nport = "PAGE_PORT"\n')
    (companion,) = companions(Context(tmp_path, {"PAGE_PORT": "8123"}), root=tmp_path)
    assert (companion.name, companion.command[1:]) == ("page", ("-m", "tool.page"))
    assert (companion.url, companion.port_key) == ("http://127.0.0.1:8123", "PAGE_PORT")
    assert tmp_path / "services" / "tool" / "src" in companion.watched
    assert list(companions(Context(tmp_path, {}), root=tmp_path / "elsewhere")) == []


def test_a_process_that_dies_stops_everything_and_its_last_words_are_shown(stack: Stack) -> None:
    stack.start("engine=dies")
    stack.ready()
    pids = stack.pids()
    assert stack.ended() == 1
    assert "engine died with exit code 1" in stack.output()
    assert "the disk is on fire" in stack.output()
    assert "Everything was stopped." in stack.output()
    assert alive(pids) == []


def test_a_process_that_does_not_get_ready_is_named_with_what_is_missing(stack: Stack) -> None:
    stack.start("api=silent")
    assert stack.ended() == 1
    assert "api did not work within 2 s: no heartbeat yet" in stack.output()
    assert "api says hello" in stack.output()


def test_a_process_that_does_not_end_is_killed_and_that_is_said(stack: Stack) -> None:
    process = stack.start("engine=stubborn")
    stack.ready()
    pids = stack.pids()
    process.send_signal(signal.SIGINT)
    assert stack.ended() == 0
    assert "engine was killed" in stack.output()
    assert alive(pids) == []


def test_a_second_request_to_stop_waits_for_nobody(stack: Stack) -> None:
    process = stack.start("engine=slow")
    stack.ready()
    process.send_signal(signal.SIGINT)
    eventually(lambda: "stopping engine" in stack.output())
    time.sleep(0.5)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert stack.ended() == 0
    assert time.monotonic() - begin < 10
    assert "engine was killed" in stack.output()


def test_a_request_that_comes_twice_at_once_is_one(stack: Stack) -> None:
    # Without a terminal, the signal that `uvx` passes on reaches the command a second time.
    process = stack.start("engine=finishes")
    stack.ready()
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert stack.ended() == 0
    assert "engine | engine says goodbye" in stack.output()
    assert "was killed" not in stack.output()


def test_a_second_request_of_another_kind_is_another_one(stack: Stack) -> None:
    process = stack.start("engine=slow")
    stack.ready()
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert stack.ended() == 0
    assert time.monotonic() - begin < 10
    assert "engine was killed" in stack.output()


def test_what_a_process_has_forked_does_not_outlive_it(stack: Stack) -> None:
    process = stack.start("engine=forks")
    stack.ready()
    group = stack.pids()["engine"]
    process.send_signal(signal.SIGINT)
    assert stack.ended() == 0
    listed = subprocess.check_output(["ps", "-eo", "pgid=,stat="], text=True)
    assert [line for line in listed.splitlines() if line.split()[0] == str(group) and "Z" not in line] == []


def test_a_second_start_is_refused_and_names_the_first(stack: Stack) -> None:
    first = stack.start()
    stack.ready()
    stack.start()
    assert stack.ended() == 1
    assert f"already running: pid {first.pid}" in stack.output()
    assert f"http://127.0.0.1:{stack.port}" in stack.output()
    assert first.poll() is None


def test_a_taken_port_is_refused_with_its_owner(stack: Stack) -> None:
    with closing(socket.create_server(("127.0.0.1", stack.port))):
        stack.start()
        assert stack.ended() == 1
    assert f"port {stack.port} is taken by pid {os.getpid()}" in stack.output()
    assert "API_PORT" in stack.output()


def test_orphans_of_a_killed_supervisor_are_stopped_by_the_next(stack: Stack) -> None:
    first = stack.start()
    stack.ready()
    orphans = stack.pids()
    first.kill()
    first.wait(10)
    assert sorted(alive(orphans)) == ["api", "clock", "engine"]
    second = stack.start()
    stack.ready()
    assert "left over from a supervisor that was killed" in stack.output()
    assert alive(orphans) == []
    second.terminate()
    assert stack.ended() == 0


def test_an_interruption_before_everything_works_is_130(stack: Stack) -> None:
    process = stack.start("api=silent")
    eventually(lambda: (stack.data / "run" / "engine.heartbeat").exists())
    process.send_signal(signal.SIGINT)
    assert stack.ended() == 130
    assert "Traceback" not in stack.output()


def test_servers_it_started_are_stopped_and_those_that_were_up_stay_up(stack: Stack) -> None:
    servers = Servers(stack.data, stack.environ)
    for before, after in ((False, 1), (True, 0)):
        if before:
            servers.rows("up", "--only", QUICK)
        process = stack.start(f"servers={QUICK}")
        stack.ready()
        assert f"://127.0.0.1:{stack.environ[QUICK_PORT]}/" in stack.output()
        process.terminate()
        assert stack.ended() == 0
        assert servers.run("status", "--only", QUICK).returncode == after
    servers.rows("down", "--only", QUICK)


def test_json_is_one_line_with_url_pid_and_log_of_each_component(stack: Stack) -> None:
    stack.start("json=yes")
    eventually(lambda: "}\n" in stack.output())
    [line] = [line for line in stack.output().splitlines() if line.startswith("{")]
    components = json.loads(line)
    assert components["api"]["url"] == f"http://127.0.0.1:{stack.port}"
    assert {name: component["pid"] for name, component in components.items()} == stack.pids()
    assert all(Path(component["log"]).is_file() for component in components.values())


def test_changed_code_restarts_its_process_and_code_that_does_not_start_waits_for_the_next_change(stack: Stack) -> None:
    beats = "import os, pathlib, time\npathlib.Path(os.environ['HEARTBEAT_FILE']).write_text('')\n"
    code = stack.folder / "code" / "process.py"
    code.parent.mkdir()
    code.write_text(f"{beats}print('first', flush=True)\ntime.sleep(60)\n")
    process = stack.start("engine=watched")
    stack.ready()
    before = stack.pids()
    code.write_text("this is no Python\n")
    eventually(lambda: "engine does not start" in stack.output())
    code.write_text(f"{beats}print('third', flush=True)\ntime.sleep(60)\n")
    eventually(lambda: "engine works again" in stack.output() and "engine | third" in stack.output())
    after = stack.pids()
    assert after["engine"] != before["engine"]
    assert after["api"] == before["api"]
    process.terminate()
    assert stack.ended() == 0
    assert alive(before | after) == []


def test_code_that_is_saved_while_the_stack_starts_restarts_its_process_too(stack: Stack) -> None:
    beat = "pathlib.Path(os.environ['HEARTBEAT_FILE'])"
    code = stack.folder / "code" / "process.py"
    code.parent.mkdir()
    code.write_text(f"import os, pathlib, time\nprint('first')\ntime.sleep(2)\n{beat}.write_text('')\ntime.sleep(60)\n")
    stack.start("engine=watched")
    eventually(lambda: (stack.data / "log" / "engine.log").exists())
    code.write_text(f"import os, pathlib, time\n{beat}.write_text('')\nprint('second', flush=True)\ntime.sleep(60)\n")
    eventually(lambda: "engine works again" in stack.output() and "engine | second" in stack.output())
