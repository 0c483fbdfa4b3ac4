"""The scheduler."""

from pathlib import Path

from devkit import venv
from devkit.servers.server import Context
from devkit.stack import accounts
from devkit.stack.specs import ProcessSpec, heartbeat_pending, watched

ORDER = 2


def process(context: Context, heartbeat: Path, _metrics: Path) -> ProcessSpec:
    """Return the scheduler, which has no metrics, and works by the account of the worker."""
    command = (context.python, *venv.ALONE, "celery", "--quiet", "-A", "worker.main:app", "beat")
    return ProcessSpec(
        "beat",
        (*command, "--scheduler", "worker.schedule:TickScheduler"),
        pending=lambda: heartbeat_pending(heartbeat),
        heartbeat=heartbeat,
        account=accounts.of("worker", context.settings),
        watched=watched("worker"),
    )
