"""The environment of a stack with the example feature, and of simulated users for it: no feature of the product."""

from .conftest import ROOT

WORKLOAD = {
    "API_APP": "workload_api:front",
    "WORKER_APP": "workload_worker:app",
    "PYTHONPATH": str(ROOT / "devkit" / "programs"),
    "STRESS_USERS": str(ROOT / "devkit" / "tests" / "users"),
}
