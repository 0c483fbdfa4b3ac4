"""`invoke bench`, with few requests: that it measures and reports, not what."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from common import brokers
from devkit.bench.first_minute import AIMS, compare
from devkit.bench.load import memory_of
from devkit.bench.stack import Posted
from devkit.commands.bench import bench as bench_command
from devkit.commands.collection import collection

from .away import dead_proxy
from .conftest import ROOT, Refusal

pytestmark = pytest.mark.integration


def bench(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devkit", "bench", *arguments],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "BROKER": "", "TMPDIR": str(folder), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_durable_jobs_and_plain_tasks_are_measured_side_by_side(tmp_path: Path) -> None:
    # This machine is asked past any proxy.
    done = bench(tmp_path, "jobs", "--requests", "20", **dead_proxy())
    assert done.returncode == 0, done.stderr
    for kind in ("durable job", "plain task, document in MongoDB", "plain task, message alone"):
        assert re.search(rf"^{kind} +\d+ +\d+% +[\d.]+ +[\d.]+ +[\d.]+ ", done.stdout, re.MULTILINE), done.stdout
    durable = next(line for line in done.stdout.splitlines() if line.startswith("durable job"))
    assert "insert 1.00" in durable
    assert len(re.findall(r"(kept|MISSED)$", done.stdout, re.MULTILINE)) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_load_ends_done_and_the_memory_of_every_process_is_shown(tmp_path: Path) -> None:
    done = bench(tmp_path, "load", "--requests", "60", JOB_MAX_PENDING="10")
    assert done.returncode == 0, done.stderr
    assert "states in the end: {'done': 150}" in done.stdout
    for name in ("mongo", brokers.named("").name, "api", "api 1", "beat", "worker", "worker 1", "worker 2"):
        assert re.search(rf"^{name} ( +[1-9]\d*){{3}}$", done.stdout, re.MULTILINE), done.stdout
    assert list(tmp_path.iterdir()) == []


def test_requests_are_measured_beside_peers_over_the_same_documents(tmp_path: Path) -> None:
    options = ("--rounds", "1", "--seconds", "0.2", "--report-only", "--reports", str(tmp_path / "reports"))
    done = bench(tmp_path, "api", *options, **dead_proxy())
    assert done.returncode == 0, done.stderr
    for what in ("hello", "document by id", "page of 20"):
        assert re.search(rf"^{what}( +[\d.]+ ± 0){{3,4}}$", done.stdout, re.MULTILINE), done.stdout
        assert len(re.findall(rf"^{what}: of .* (kept|MISSED)$", done.stdout, re.MULTILINE)) == 2
    assert "fastapi (peer) " in done.stdout
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["api.json", "api.svg"]


def test_without_what_to_measure_it_says_so_in_one_line(tmp_path: Path) -> None:
    done = bench(tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("what", "option", "named"),
    [
        ("no-such-thing", "", "WHAT"),
        ("jobs", "--requests=0", "--requests"),
        ("load", "--requests=x", "--requests"),
        ("api", "--rounds=0", "--rounds"),
        ("api", "--seconds=-1", "--seconds"),
        ("jobs", "--seconds=1h", "--seconds"),
    ],
)
def test_an_invalid_option_is_one_clear_line_that_names_it(
    refusal: Refusal, what: str, option: str, named: str
) -> None:
    assert named in refusal(bench_command, f"what={what}", *filter(None, [option]))


def test_a_missed_aim_of_the_first_minute_is_marked_and_sets_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    kept = dict.fromkeys(AIMS, 1.0)
    assert compare(kept) == 0
    assert "MISSED" not in capsys.readouterr().out
    assert compare({**kept, "second `invoke dev`": 3.1}) == 1
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("  ")[0] for row in rows if row.endswith("MISSED")] == ["second `invoke dev`"]
    assert compare({**kept, "second `invoke dev`": 3.1}, report_only=True) == 0


def test_a_percentile_is_the_time_that_this_part_took_at_most() -> None:
    posted = Posted([number / 1000 for number in range(1, 101)])
    assert (posted.percentile(0.5), posted.percentile(0.99), posted.percentile(1)) == (51, 100, 100)


def test_memory_is_measured_of_processes_and_of_their_children() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        sizes = memory_of({"own": os.getpid(), "ended": 2**22 + 1})
        child.communicate(b"\n")
    assert sizes["own"] > 1
    assert sizes["own 1"] > 1
    assert "ended" not in sizes


def test_the_menu_has_the_command() -> None:
    assert bench_command.name in collection().task_names
