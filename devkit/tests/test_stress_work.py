"""`invoke stress` with users whose requests are followed until the work behind them is done."""

from pathlib import Path

import pytest

from devkit.apart import ensure_apart

from .away import dead_proxy
from .test_stress_runs import stress, written
from .workload_jobs import WORKLOAD

pytestmark = pytest.mark.integration


def test_the_time_until_work_is_done_has_a_row_of_its_own_that_two_processes_add_to(tmp_path: Path) -> None:
    # Made before, for the index may be behind the real proxy; this machine is asked past any.
    ensure_apart("stress")
    # Long enough for work to be done where other programs run too.
    options = ["--users", "4", "--spawn-rate", "4", "--run-time", "6s", "--processes", "2"]
    done = stress(tmp_path, *options, **WORKLOAD, **dead_proxy())
    assert done.returncode == 0, done.stderr
    rows = written(tmp_path)
    assert {"GET /readyz", "POST /api/v1/examples", "all requests", "example: POST to done"} <= rows.keys()
    assert rows["example: POST to done"]["count"] > 0
    assert sum(row["failures"] for row in rows.values()) == 0
    assert all(name in done.stdout for name in rows)
