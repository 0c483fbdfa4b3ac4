"""The health check by command, against a real server."""

import subprocess
import sys

import pytest

from testing.waiting import eventually

from .conftest import Start, status_of
from .test_liveness import APP, hang

pytestmark = pytest.mark.integration


def test_the_health_check_of_a_container_asks_liveness_and_not_readiness(start: Start, alone: dict[str, str]) -> None:
    live = start(alone, APP, API_THREADS="1", API_STALL_LIMIT="2")

    def probe() -> int:
        return subprocess.run([sys.executable, "-m", "web.probe", str(live.port)], check=False).returncode

    assert status_of(live.get("/readyz")) == 503
    assert probe() == 0
    (connection,) = hang(live, 1)
    eventually(lambda: live.health() == 503, seconds=20)
    assert probe() == 1
    connection.close()
