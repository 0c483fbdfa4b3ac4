"""`invoke stress` with users whose requests are followed until the work behind them is done."""

import json
from pathlib import Path

import pytest

from .test_stress_runs import stress
from .workload_jobs import WORKLOAD

pytestmark = pytest.mark.integration


def test_the_time_until_work_is_done_has_a_row_of_its_own(tmp_path: Path) -> None:
    options = ["--users", "4", "--spawn-rate", "4", "--run-time", "2s"]
    done = stress(tmp_path, *options, **WORKLOAD)
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads((tmp_path / "reports" / "stress.json").read_text())["rows"]}
    assert {"GET /readyz", "POST /api/v1/examples", "all requests", "example: POST to done"} <= rows.keys()
    assert rows["example: POST to done"]["count"] > 0
    assert sum(row["failures"] for row in rows.values()) == 0
    assert all(name in done.stdout for name in rows)
