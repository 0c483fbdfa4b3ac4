"""Liveness of a real server: red when it has stopped serving, green when it is merely full."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from testing.waiting import eventually

from .conftest import Live, Start, status_of

pytestmark = pytest.mark.integration

LIMIT = 2.0
APP = "hanging_api:app"


def hang(live: Live, count: int) -> list[socket.socket]:
    """As many requests that never end."""
    found = [live.connect() for _ in range(count)]
    for connection in found:
        connection.sendall(b"GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return found


def test_an_api_whose_threads_all_hang_is_red_within_the_limit_and_then_ends(
    start: Start, alone: dict[str, str]
) -> None:
    live = start(alone, APP, API_THREADS="4", API_STALL_LIMIT=str(LIMIT))
    connections = hang(live, 6)
    began = time.monotonic()
    assert live.health() == 200
    eventually(lambda: live.health() == 503, seconds=20)
    assert LIMIT <= time.monotonic() - began < LIMIT + 3
    assert live.process.wait(20) != 0
    assert "the process ends" in live.log.read_text()
    for connection in connections:
        connection.close()


def test_an_api_that_hangs_is_red_also_when_the_clients_have_gone(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, APP, API_THREADS="4", API_STALL_LIMIT="3")
    connections = hang(live, 4)
    # One that is closed at once may never have begun.
    time.sleep(1)
    for connection in connections:
        connection.close()
    eventually(lambda: live.health() == 503, seconds=20)


def test_an_api_that_is_merely_full_is_green(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, APP, API_THREADS="2", API_STALL_LIMIT=str(LIMIT))
    end = time.monotonic() + 3 * LIMIT
    asked = []
    with ThreadPoolExecutor(16) as clients:

        def ask() -> None:
            while time.monotonic() < end:
                assert status_of(live.get("/busy/0.5")) == 200

        working = [clients.submit(ask) for _ in range(16)]
        while time.monotonic() < end:
            asked.append(live.health())
            time.sleep(0.1)
        for each in working:
            each.result()
    assert set(asked) == {200}


def test_an_api_with_one_hanging_request_and_a_free_thread_is_green(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, APP, API_THREADS="2", API_STALL_LIMIT="0.5")
    (connection,) = hang(live, 1)
    time.sleep(1.5)
    assert (live.health(), live.process.poll()) == (200, None)
    connection.close()


def processes(live: Live) -> list[int]:
    """The processes that serve, by the pid of each."""
    asked = {live.get("/busy/0.01").rpartition(b":")[2].strip(b"}\n") for _ in range(20)}
    return sorted(map(int, asked))


def test_of_several_processes_one_that_hangs_makes_all_red(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, APP, API_THREADS="1", API_WORKERS="2", API_STALL_LIMIT="3")
    eventually(lambda: len(processes(live)) == 2)
    one = processes(live)[0]
    os.kill(one, signal.SIGSTOP)
    # The other one goes on answering what reaches it, and knows; what reaches the stopped one gets no answer.
    eventually(lambda: live.health(0.5) == 503, seconds=20)
    assert 200 not in {live.health(0.5) for _ in range(10)}
    os.kill(one, signal.SIGCONT)
    eventually(lambda: {live.health() for _ in range(6)} == {200}, seconds=20)


def test_of_several_processes_one_whose_threads_hang_makes_all_red_and_ends_all(
    start: Start, alone: dict[str, str]
) -> None:
    live = start(alone, APP, API_THREADS="1", API_WORKERS="2", API_STALL_LIMIT=str(LIMIT))
    eventually(lambda: len(processes(live)) == 2)
    (connection,) = hang(live, 1)
    began = time.monotonic()
    # Whichever is asked answers for both.
    eventually(lambda: {live.health() for _ in range(4)} == {503}, seconds=20)
    assert time.monotonic() - began < 2 * LIMIT + 1
    assert live.process.wait(30) != 0
    connection.close()


def test_an_api_that_was_paused_gets_its_time_once_more(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, APP, API_THREADS="1", API_STALL_LIMIT="2")
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(live.get, "/busy/6.5")
        time.sleep(0.5)
        os.killpg(live.process.pid, signal.SIGSTOP)
        time.sleep(5)
        os.killpg(live.process.pid, signal.SIGCONT)
        assert status_of(answer.result()) == 200
    assert live.process.poll() is None


def test_the_heartbeat_is_touched_as_long_as_the_api_serves(
    start: Start, alone: dict[str, str], tmp_path: Path
) -> None:
    heartbeat = tmp_path / "heartbeat"
    live = start(alone, APP, API_THREADS="1", API_STALL_LIMIT="3", HEARTBEAT_FILE=str(heartbeat))
    eventually(heartbeat.exists)
    (connection,) = hang(live, 1)
    eventually(lambda: live.health() == 503, seconds=20)
    before = heartbeat.stat().st_mtime_ns
    time.sleep(1.5)
    assert heartbeat.stat().st_mtime_ns == before
    connection.close()


def test_what_runs_is_finished_when_the_api_is_asked_to_stop(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, APP)
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(live.get, "/busy/1.5")
        time.sleep(0.7)
        live.process.terminate()
        assert status_of(answer.result()) == 200
    assert live.process.wait(20) == 0
