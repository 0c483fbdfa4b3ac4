"""The debugger stops in the worker, which runs as the editor launches it: in one process."""

import sys
from pathlib import Path

import httpx2
import pytest

from devkit.stack.private import PrivateStack

from .conftest import ROOT, eventually, private_environ
from .dap import Debugger
from .editor import launched, line_of
from .workload_jobs import WORKLOAD


@pytest.mark.integration
def test_the_debugger_stops_in_the_worker_which_then_does_the_job(tmp_path: Path) -> None:
    environ = private_environ(**WORKLOAD)
    where = line_of(ROOT / "libs/jobs/src/jobs/runner.py", "outcome = _attempt(")
    configuration = launched("Worker", sys.executable, environ)
    # The one difference: what it works on is no feature of the product.
    app = configuration["args"].index("worker.main:app")
    configuration["args"][app] = environ["WORKER_APP"]
    with PrivateStack(tmp_path, environ, command=("dev", "--no-reload", "--without", "worker")) as stack:
        assert "worker" not in stack.components
        answer = httpx2.post(f"{stack.url}/api/v1/examples", json={"title": "x", "values": [1, 3]}, timeout=20)
        job = answer.json()["id"]
        with Debugger(configuration, where, tmp_path / "adapter.log") as debugger:
            assert debugger.variable_where_it_stops("job_id") == repr(job)
            url = f"{stack.url}/api/v1/examples/{job}"
            eventually(lambda: httpx2.get(url, timeout=20).json()["status"] == "done", 60)
