"""`invoke profile --live` while simulated users keep a stack of its own busy."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from devkit.process import wait_until
from devkit.profiling import flamegraph

from .conftest import ROOT
from .started import Spawn
from .stress_users import USERS
from .test_profiling import command, seen
from .test_profiling import environ as environ_of_stack
from .workload_jobs import WORKLOAD


def environ(folder: Path) -> dict[str, str]:
    """Return an environment whose temporary files lie in a folder."""
    return environ_of_stack(folder) | USERS | WORKLOAD


@seen
@pytest.mark.integration
def test_both_services_of_a_stack_of_its_own_are_seen_at_work_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    started = command(tmp_path, "--data", str(tmp_path / "data"), "--live", "3s")
    done = subprocess.run(
        started, cwd=ROOT, env=environ(tmp_path), capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stderr
    for service, folder in (("api", "(workload_routes.py"), ("worker", "(worker/")):
        frames = flamegraph.read(tmp_path / "reports" / f"profile-{service}.svg")
        assert [frame.name for frame in frames if folder in frame.name]
        picture = (tmp_path / "reports" / f"profile-{service}.svg").read_text()
        assert "var truncate_text_right = true;" in picture, "the script of the picture cuts the name of a function"
        found = json.loads((tmp_path / "reports" / f"profile-{service}.json").read_text())
        assert found["samples"] > 10
        assert f"profile-{service}.svg, {found['samples']} samples in 3 s" in done.stdout
        assert found["top"][0][0] in done.stdout
    assert list((tmp_path / "tmp").iterdir()) == []
    assert len(list((tmp_path / "reports").iterdir())) == 4


@seen
@pytest.mark.integration
def test_ctrl_c_stops_the_stack_the_users_and_the_recording(tmp_path: Path, spawn: Spawn) -> None:
    started = command(tmp_path, "--data", str(tmp_path / "data"), "--live", "1h", "--service", "worker")
    process = spawn(started, cwd=ROOT, env=environ(tmp_path), stderr=subprocess.PIPE, text=True)
    recording = tmp_path / "reports" / "profile-worker.err"
    assert wait_until(lambda: recording.exists() and "Sampling process" in recording.read_text(), timeout=90)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert list((tmp_path / "tmp").iterdir()) == []
    assert list((tmp_path / "reports").iterdir()) == []
