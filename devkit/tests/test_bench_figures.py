"""What is made of measured figures: medians, spreads, verdicts, a plot; and what sends the requests."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from devkit.bench import cores
from devkit.bench.aims import Aim, at_least, at_most, show
from devkit.bench.api import Rounds, report
from devkit.bench.figures import figure, ratio
from devkit.bench.growth import Measured, sizes
from devkit.bench.growth import report as growth_report
from devkit.bench.jobs import CELERY, OURS_ALONE, PROCRASTINATE
from devkit.bench.jobs import OURS as OURS_JOBS
from devkit.bench.jobs import Rounds as JobRounds
from devkit.bench.jobs import report as job_report
from devkit.bench.postgres import binaries
from devkit.bench.report import Bars, draw, peer_versions
from devkit.bench.subjects import FASTAPI, FLASK, OURS
from devkit.lock import locks

from .conftest import ROOT
from .test_lock import versions

GENERATOR = ROOT / "devkit" / "src" / "devkit" / "bench" / "generator.py"


def test_a_figure_is_the_median_of_its_rounds_and_half_of_the_range_of_the_middle_ones() -> None:
    assert str(figure([90, 130, 100])) == "100 ± 10"
    assert str(figure([1.5])) == "1.50 ± 0.00"
    # One round that was disturbed hides nothing.
    assert str(figure([100, 101, 102, 103, 500])) == "102 ± 1"


def test_a_ratio_is_taken_round_by_round() -> None:
    # All was half as fast in the second round, so nothing is known to differ.
    assert str(ratio(figure([200, 100]), figure([100, 50]))) == "2.00 ± 0.00"


@pytest.mark.parametrize(
    ("aim", "verdict"),
    [
        (at_least("speed", figure([2.0]), 2), "kept"),
        (at_least("speed", figure([1.7, 1.8, 1.8]), 2), "MISSED"),
        (at_least("speed", figure([1.5, 1.9, 2.0]), 2), "missed within the spread"),
        (at_most("wait", figure([20]), 20, " ms"), "kept"),
        (at_most("wait", figure([15, 21, 22]), 20, " ms"), "missed within the spread"),
        (at_most("wait", figure([25, 26, 25]), 20, " ms"), "MISSED"),
    ],
)
def test_an_aim_is_missed_when_the_spread_does_not_reach_it(aim: Aim, verdict: str) -> None:
    assert aim.verdict == verdict
    assert show([aim]) == (1 if verdict == "MISSED" else 0)
    assert show([aim], report_only=True) == 0


def test_a_request_that_is_too_slow_is_named_beside_its_peer(tmp_path: Path) -> None:
    rates = {"hello": {OURS: [80.0, 82.0], FLASK: [100.0, 100.0], FASTAPI: [50.0, 50.0]}}
    measured = Rounds(rates, {"hello": {OURS: [0.5, 0.5], FLASK: [0.2, 0.2], FASTAPI: [0.3, 0.3]}}, 0.1)
    assert report(measured).publish(tmp_path, report_only=False) == 1
    written = json.loads((tmp_path / "bench" / "api.json").read_text())
    assert {aim["what"]: aim["verdict"] for aim in written["aims"]} == {
        f"hello: of {FLASK}": "kept",
        f"hello: of {FASTAPI}": "MISSED",
    }
    assert report(measured, {"hello": {FLASK: 0.8}}).publish(tmp_path, report_only=False) == 0


def test_a_job_that_is_too_dear_is_named_beside_its_peer(tmp_path: Path) -> None:
    speed = {OURS_JOBS: [120.0], CELERY: [100.0], OURS_ALONE: [100.0], PROCRASTINATE: [100.0]}
    measured = JobRounds(speed, [19.0], [70.0], [3.3], Counter({"insert": 50}), 50)
    assert job_report(measured, "PostgreSQL 15.1").publish(tmp_path, report_only=False) == 1
    written = json.loads((tmp_path / "bench" / "jobs.json").read_text())
    assert [aim["what"] for aim in written["aims"] if aim["verdict"] == "MISSED"] == [
        "without HTTP: of Procrastinate",
        "POST p99",
    ]
    assert written["versions"]["PostgreSQL"] == "15.1"


def test_a_peer_that_is_not_installed_is_said_and_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert binaries(tmp_path) is None
    speed = {OURS_JOBS: [120.0], CELERY: [100.0], OURS_ALONE: [100.0]}
    measured = JobRounds(speed, [19.0], [50.0], [3.3], Counter({"insert": 50}), 50)
    assert job_report(measured, "").publish(tmp_path, report_only=False) == 0
    printed = capsys.readouterr().out
    assert f"{PROCRASTINATE}  PostgreSQL is not installed: apt install postgresql" in printed
    assert "of Procrastinate" not in printed


def test_parts_that_use_too_much_at_rest_are_named(tmp_path: Path) -> None:
    idle = {"api": figure([1.0, 1.2]), "worker": figure([1.5, 1.5])}
    times = {"a page of 20": {"1000 documents": figure([2.0])}}
    measured = Measured(times, {"1 worker of 1 child": figure([100.0])}, idle, {"api": 50.0, "worker": 60.0})
    assert str(measured.all_idle) == "2.60 ± 0.05"
    assert growth_report(measured, 60).publish(tmp_path, report_only=False) == 0
    assert growth_report(measured, 60, aim=2.4).publish(tmp_path, report_only=False) == 1


def test_there_are_ten_times_as_many_documents_each_time() -> None:
    assert sizes(1_000_000) == [1000, 10_000, 100_000, 1_000_000]
    assert sizes(5000) == [1000]


def test_a_plot_has_a_bar_for_each_figure() -> None:
    drawing = ET.fromstring(draw("a & b", [Bars("one", {"x": figure([1, 2]), "y": figure([0])})]))  # noqa: S314 - our own
    bars = [each for each in drawing.iter() if each.get("class") == "bar"]
    assert len(bars) == 2
    assert float(bars[0].get("width", 0)) > float(bars[1].get("width", 1)) == 0


def test_what_is_measured_shares_no_core_with_what_measures() -> None:
    assert not cores.measured() & cores.others()
    with cores.held_to(cores.measured()):
        held = set(cores.usable())
    assert held == (cores.measured() or held)


def test_the_peers_are_locked_apart() -> None:
    assert {"fastapi", "procrastinate", "uvicorn"} <= versions(ROOT / "requirements" / "bench.txt").keys()
    assert not [
        lock for lock in locks() if not lock.apart and {"fastapi", "procrastinate"} & versions(lock.path).keys()
    ]
    assert peer_versions("fastapi").keys() == {"fastapi (peer)"}


class Handler(BaseHTTPRequestHandler):
    """Answers in two parts, or that there is nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"ab")
        self.wfile.flush()
        self.wfile.write(b"cd")

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the name that it has there
        """Keep the output of the tests clean."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def send(port: int, path: str, *options: str) -> subprocess.CompletedProcess[str]:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    command = [sys.executable, str(GENERATOR), "127.0.0.1", str(port), "--connections", "3", *options]
    return subprocess.run(command, input=request, capture_output=True, text=True, check=False, timeout=60)


def test_what_sends_tells_how_many_answers_came_and_how_busy_it_was_itself(port: int) -> None:
    done = send(port, "/", "--seconds", "0.3")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["answers"] > 3
    assert told["seconds"] == pytest.approx(0.3, abs=0.3)
    assert 0 < told["p50"] <= told["p99"]
    assert 0 <= told["busy"] <= 1.1


def test_what_sends_ends_after_a_number_of_requests_and_keeps_to_a_rate(port: int) -> None:
    told = json.loads(send(port, "/", "--count", "20", "--rate", "50").stdout)
    assert told["answers"] == 20
    assert told["seconds"] >= 19 / 50


def test_what_sends_counts_no_answer_that_was_not_asked_for(port: int) -> None:
    done = send(port, "/missing", "--seconds", "0.3")
    assert done.returncode == 1
    assert "HTTP/1.1 404" in done.stderr
    assert len(done.stderr.splitlines()) == 1
