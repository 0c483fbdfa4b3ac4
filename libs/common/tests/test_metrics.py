"""Counting together over processes; each test in a process of its own, for where a metric counts is chosen once."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

START = """
import os, signal, threading
from pathlib import Path
from prometheus_client import generate_latest
from common.metrics import FOLDER, REQUEST_SECONDS, REQUESTS, count, join, observe, registry, shared

def child(work):
    if (pid := os.fork()) == 0:
        work()
        os._exit(0)
    return pid

def counted():
    return [line for line in generate_latest(registry()).decode().splitlines() if line.startswith("http_request")]
"""


def printed(program: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", dedent(START) + dedent(program)],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_process_alone_counts_in_its_memory() -> None:
    program = """
    count(REQUESTS, "GET", "a", "200", by=3)
    print(counted()[0], FOLDER in os.environ)
    """
    assert printed(program) == 'http_requests_total{method="GET",route="a",status="200"} 3.0 False\n'


def test_a_file_in_which_nothing_stands_yet_is_left_out(tmp_path: Path) -> None:
    """A process is killed, or asked about, between making its file and filling it."""
    program = """
    import subprocess, sys
    count(REQUESTS, "GET", "a", "200")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    folder = Path(os.environ[FOLDER])
    for pid in (os.getppid(), ended.pid):
        (folder / f"counter_{pid}.db").touch()
    print(counted()[0])
    empty = [path.name for path in folder.glob("*.db") if not path.stat().st_size]
    print(empty == [f"counter_{os.getppid()}.db"])
    """
    assert printed(program, PROMETHEUS_MULTIPROC_DIR=str(tmp_path)).splitlines() == [
        'http_requests_total{method="GET",route="a",status="200"} 1.0',
        "True",
    ]


def test_forked_processes_count_together_also_those_that_were_killed_and_leave_nothing(tmp_path: Path) -> None:
    program = """
    def work():
        count(REQUESTS, "GET", "a", "200")
        observe(REQUEST_SECONDS, 0.02, "GET", "a")

    def killed():
        work()
        os.kill(os.getpid(), signal.SIGKILL)

    with shared():
        folder = Path(os.environ[FOLDER])
        assert folder.stat().st_mode & 0o777 == 0o700
        work()
        for _ in range(2):
            for each in (work, work, killed):
                os.waitpid(child(each), 0)
            found = counted()
            print([line for line in found if "_total" in line or "_count" in line or 'le="0.025"' in line])
        print({path.name for path in folder.glob("counter_*")} == {"counter_0.db", f"counter_{os.getpid()}.db"})
    print(folder.exists(), FOLDER in os.environ)
    """
    first, second, few, after = printed(program, TMPDIR=str(tmp_path)).splitlines()
    for found, number in ((first, "4.0"), (second, "7.0")):
        assert f'http_requests_total{{method="GET",route="a",status="200"}} {number}' in found
        assert f'http_request_seconds_bucket{{le="0.025",method="GET",route="a"}} {number}' in found
        assert f'http_request_seconds_count{{method="GET",route="a"}} {number}' in found
    assert (few, after) == ("True", "False False")
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_is_forked_while_a_thread_counts_can_count(monkeypatch: pytest.MonkeyPatch) -> None:
    # Not measured: such a child may inherit coverage's own lock, which nobody opens there (seen with 7.17).
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    program = """
    with shared():
        ended = threading.Event()

        def forever():
            while not ended.is_set():
                count(REQUESTS, "GET", "a", "200")

        threads = [threading.Thread(target=forever) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(100):
            os.waitpid(child(lambda: count(REQUESTS, "GET", "b", "200")), 0)
        ended.set()
        for thread in threads:
            thread.join()
        print([line for line in counted() if 'route="b"' in line])
    """
    assert "100.0" in printed(program)


@pytest.mark.parametrize("begin", ["join()", "shared().__enter__()"])
def test_processes_that_are_told_of_a_folder_count_there(tmp_path: Path, begin: str) -> None:
    folder = tmp_path / "run" / "metrics"
    program = f"{begin}; count(REQUESTS, 'GET', 'a', '200'); print(counted()[0])"
    for number in ("1.0", "2.0"):
        assert number in printed(program, PROMETHEUS_MULTIPROC_DIR=str(folder))
