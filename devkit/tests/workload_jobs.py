"""The environment of a stack with the example feature, which has jobs."""

from .conftest import ROOT

WORKLOAD = {
    "API_APP": "workload_api:front",
    "WORKER_APP": "workload_worker:app",
    "RIGHTS_APP": "workload_rights",
    "PYTHONPATH": str(ROOT / "devkit" / "programs"),
}
