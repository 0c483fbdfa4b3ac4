"""`invoke bench jobs` and `load`, in small: that they measure and tell, not what."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.bench.client import Posted
from devkit.bench.memory import memory_of

from .conftest import ROOT

pytestmark = pytest.mark.integration


def bench(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devkit.bench", *arguments],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "BROKER": "redis", "TMPDIR": str(folder), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_durable_jobs_and_plain_tasks_are_measured_side_by_side(tmp_path: Path) -> None:
    done = bench(tmp_path, "jobs", "--requests", "20")
    assert done.returncode == 0, done.stderr
    for kind in ("durable job", "plain task, document in MongoDB", "plain task, message alone"):
        assert re.search(rf"^{kind} +\d+ +\d+% +[\d.]+ +[\d.]+ +[\d.]+ ", done.stdout, re.MULTILINE), done.stdout
    durable = next(line for line in done.stdout.splitlines() if line.startswith("durable job"))
    assert "insert 1.00" in durable
    assert done.stdout.count("aim: ") == 2
    assert list(tmp_path.iterdir()) == []


def test_a_load_ends_done_and_the_memory_of_every_process_is_told(tmp_path: Path) -> None:
    done = bench(tmp_path, "load", "--requests", "60", JOB_MAX_PENDING="10")
    assert done.returncode == 0, done.stderr
    assert "states in the end: {'done': 150}" in done.stdout
    for name in ("mongo", "redis", "api", "api 1", "beat", "worker", "worker 1", "worker 2"):
        assert re.search(rf"^{name} ( +[1-9]\d*){{3}}$", done.stdout, re.MULTILINE), done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["no-such-thing"], ["jobs", "--requests", "0"], ["load", "--requests", "x"]])
def test_rubbish_is_one_clear_line(tmp_path: Path, arguments: list[str]) -> None:
    done = bench(tmp_path, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_percentile_is_the_time_that_this_part_took_at_most() -> None:
    posted = Posted([number / 1000 for number in range(1, 101)])
    assert (posted.percentile(0.5), posted.percentile(0.99), posted.percentile(1)) == (51, 100, 100)


def test_memory_is_told_of_processes_and_of_their_children() -> None:
    found = memory_of({"me": os.getpid(), "nobody": 2**22 + 1})
    assert found["me"] > 1
    assert found["nobody"] == 0
    assert len(found) >= 2
