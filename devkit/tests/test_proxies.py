"""Probes and tests ask this machine itself past any proxy; commands that do so are tested with one too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .away import dead_proxy
from .conftest import ROOT

pytestmark = pytest.mark.integration


def pytest_of(path: str, *chosen: str) -> list[str]:
    return ["pytest", "-q", "-n0", "-p", "no:cacheprovider", "--basetemp=inner", "-m", "", path, *chosen]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest_of("tests/e2e/test_service.py", "-k", "unknown_paths"),
        *(pytest_of(str(path)) for path in ROOT.glob("services/*/tests/test_metrics.py")),
    ],
)
def test_a_proxy_that_is_away_is_in_nobodys_way(tmp_path: Path, arguments: list[str]) -> None:
    here = [each.replace("=inner", f"={tmp_path}/inner") for each in arguments]
    done = subprocess.run(
        [sys.executable, "-m", *here],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "TMPDIR": str(tmp_path), **dead_proxy()},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
