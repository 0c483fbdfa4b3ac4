"""`invoke bench`, with few requests: that it measures and reports, not what."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from common import brokers
from devkit.apart import ensure_apart
from devkit.bench import postgres
from devkit.bench.first_minute import AIMS, compare
from devkit.bench.load import memory_of
from devkit.bench.stack import Posted
from devkit.commands.bench import bench as bench_command
from devkit.commands.collection import collection

from .away import dead_proxy
from .conftest import ROOT, Refusal

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def peers() -> None:
    """The environment of the peers; what comes from an index is there before no proxy answers."""
    ensure_apart("bench")


def bench(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-m", "devkit", "bench", *arguments, **environ)


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "BROKER": "", "TMPDIR": str(folder), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.usefixtures("peers")
def test_jobs_are_measured_beside_peers_in_one_run(tmp_path: Path) -> None:
    options = ("--rounds", "1", "--requests", "20", "--seconds", "0.4", "--reports", str(tmp_path / "reports"))
    # This machine is asked past any proxy.
    done = bench(tmp_path, "jobs", *options, "--report-only", **dead_proxy())
    assert done.returncode == 0, done.stderr
    for kind in ("ours, through the API", "Celery with a document, through Flask", "ours, without HTTP"):
        assert re.search(rf"^{kind} +[\d.]+ ± 0", done.stdout, re.MULTILINE), done.stdout
    [other] = re.findall(r"^Procrastinate on PostgreSQL, without HTTP +(.+)$", done.stdout, re.MULTILINE)
    assert re.fullmatch(r"[\d.]+ ± [\d.]+" if postgres.binaries() else re.escape(postgres.MISSING), other.strip())
    assert re.search(r"^insert +1\.\d\d$", done.stdout, re.MULTILINE)
    verdicts = re.findall(r"(kept|MISSED)$", done.stdout, re.MULTILINE)
    assert len(verdicts) == (5 if postgres.binaries() else 4)
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["jobs.json", "jobs.svg"]


def test_a_load_ends_done_and_the_memory_of_every_process_is_shown(tmp_path: Path) -> None:
    done = bench(tmp_path, "load", "--requests", "60", JOB_MAX_PENDING="10")
    assert done.returncode == 0, done.stderr
    assert "states in the end: {'done': 150}" in done.stdout
    for name in ("mongo", brokers.named("").name, "api", "api 1", "beat", "worker", "worker 1", "worker 2"):
        assert re.search(rf"^{name} ( +[1-9]\d*){{3}}$", done.stdout, re.MULTILINE), done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("peers")
def test_requests_are_measured_beside_peers_over_the_same_documents(tmp_path: Path) -> None:
    options = ("--rounds", "1", "--seconds", "0.2", "--report-only", "--reports", str(tmp_path / "reports"))
    done = bench(tmp_path, "api", *options, **dead_proxy())
    assert done.returncode == 0, done.stderr
    for what in ("hello", "document by id", "page of 20"):
        assert re.search(rf"^{what}( +[\d.]+ ± [\d.]+){{4,5}}$", done.stdout, re.MULTILINE), done.stdout
        assert len(re.findall(rf"^{what}: of .* (kept|MISSED)$", done.stdout, re.MULTILINE)) == 2
    assert "fastapi (peer) " in done.stdout
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["api.json", "api.svg"]


def test_what_grows_is_measured_and_so_is_what_all_parts_use_at_rest(tmp_path: Path) -> None:
    arguments = "documents=1000, rounds=1, requests=10, seconds=1.5, shapes=((1, 1), (2, 1)), report_only=True"
    program = "import sys; from pathlib import Path; from devkit.bench import growth; "
    program += f"sys.exit(growth.measure(Path(sys.argv[1]), {arguments}))"
    done = run(tmp_path, "-c", program, str(tmp_path / "reports"))
    assert done.returncode == 0, done.stderr
    for what in ("a page of 20", "the next job found and claimed", "1 worker of 1 child", "2 workers of 1 child"):
        assert re.search(rf"^{what} +[\d.]+ ± 0", done.stdout, re.MULTILINE), done.stdout
    for part in ("mongo", "broker", "api", "beat", "worker", "supervisor", "all together"):
        assert re.search(rf"^{part} +[\d.]+ ± [\d.]+ +[1-9]\d*$", done.stdout, re.MULTILINE), done.stdout
    assert len(re.findall(r"(kept|MISSED|within the spread)$", done.stdout, re.MULTILINE)) == 1
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["growth.json", "growth.svg"]


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
        ("growth", "--documents=10", "--documents"),
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
