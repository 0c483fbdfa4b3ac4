"""Tools, probes and tests ask this machine itself past any proxy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.apart import ensure_apart
from testing.servers import unused_ports

from .conftest import ROOT
from .workload import WORKLOAD

pytestmark = pytest.mark.integration


def dead_proxy() -> dict[str, str]:
    """Settings of a proxy that does not answer, in both spellings, without any exception."""
    proxy = f"http://127.0.0.1:{unused_ports(1)[0]}"
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return dict.fromkeys(names, proxy) | {"NO_PROXY": "", "no_proxy": ""}


def pytest_of(path: str, *chosen: str) -> list[str]:
    return ["pytest", "-q", "-n0", "-p", "no:cacheprovider", "--basetemp=inner", "-m", "", path, *chosen]


@pytest.mark.parametrize(
    "arguments",
    [
        ["devkit", "bench", "jobs", "--requests", "5"],
        ["devkit", "stress", "--user", "ProbeUser", "--users", "1", "--run-time", "1s"],
        pytest_of("tests/e2e/test_service.py", "-k", "redis and hello"),
        pytest_of("services/worker/tests/test_metrics.py"),
    ],
    ids=["bench", "stress", "e2e", "worker"],
)
def test_a_proxy_that_is_away_is_in_nobodys_way(tmp_path: Path, arguments: list[str]) -> None:
    # Made before, for the index may be behind the real proxy.
    ensure_apart("stress")
    here = [each.replace("=inner", f"={tmp_path}/inner") for each in arguments]
    here += ["--reports", f"{tmp_path}/reports"] if "stress" in here else []
    settings = {"STRESS_USERS": WORKLOAD["STRESS_USERS"]}
    done = subprocess.run(
        [sys.executable, "-m", *here],
        cwd=ROOT,
        env={**os.environ, **settings, "NO_COLOR": "1", "BROKER": "redis", "TMPDIR": str(tmp_path), **dead_proxy()},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
