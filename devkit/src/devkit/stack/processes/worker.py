"""The Celery worker."""

from pathlib import Path

from devkit import env
from devkit.servers.server import Context
from devkit.stack import accounts
from devkit.stack.specs import ProcessSpec, heartbeat_pending, watched

ORDER = 3
PROFILED = "The running worker"


def process(context: Context, heartbeat: Path, metrics: Path) -> ProcessSpec:
    """Return the Celery worker; WORKER_APP replaces what it runs, for measuring it.

    Its name is stable, so that after a crash it takes up its own work again.
    """
    settings = context.settings
    app, port = settings.get("WORKER_APP", "worker.main:app"), settings.get("METRICS_PORT", "")
    command = [context.python, "-m", "common.environment", "celery", "--quiet", "-A", app, "worker"]
    command += ["--hostname", "worker1@%h"]
    command += ["--pool", "prefork", "--concurrency", env.required(settings, "WORKER_CONCURRENCY")]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return ProcessSpec(
        "worker",
        tuple(command),
        pending=lambda: heartbeat_pending(heartbeat),
        # Its tasks get their time, and then it gives back what they did not finish.
        stop_timeout=env.seconds(settings, "WORKER_STOP_GRACE") + 5,
        heartbeat=heartbeat,
        metrics=metrics,
        account=accounts.of("worker", settings),
        host=settings.get("METRICS_HOST") or "127.0.0.1",
        port=int(port) if port.isdecimal() else 0,
        port_key="METRICS_PORT",
        watched=watched("worker"),
    )
