"""The processes of the product, and how each proves that it works."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from devkit import ROOT, env, ports, venv
from devkit.servers.server import Context

LIBS = tuple(sorted(ROOT.glob("libs/*/src")))


@dataclass(frozen=True)
class ProcessSpec:
    """One process of the stack.

    `pending` returns what is still missing until the process works, and "" once it does. A process that runs `once`
    works when it has ended well. `port` is what it listens on, `port_key` the setting to change when that is taken. A
    process with a `heartbeat` touches that file as long as it works; in production it counts as hanging after `silence`
    seconds without. The processes of a spec with `metrics` count in that folder; it is emptied before a start.
    A change in a Python file below `watched` restarts it when the stack runs with reload. Timeouts are in seconds.
    """

    name: str
    command: tuple[str, ...]
    pending: Callable[[], str] = lambda: ""
    heartbeat: Path | None = None
    metrics: Path | None = None
    silence: float = 60
    once: bool = False
    url: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    port_key: str = ""
    watched: tuple[Path, ...] = ()
    ready_timeout: float = 30
    stop_timeout: float = 15


def product(context: Context) -> list[ProcessSpec]:
    """Return the product's processes in the order they are stopped: first what accepts work, last what does it."""
    run = context.data / "run"
    return [
        indexes(context),
        api(context, run / "api.heartbeat", run / "api.metrics"),
        beat(context, run / "beat.heartbeat"),
        worker(context, run / "worker.heartbeat", run / "worker.metrics"),
    ]


def indexes(context: Context) -> ProcessSpec:
    """Return the command that makes the declared indexes."""
    return ProcessSpec("indexes", tuple(_alone(context, "admin", "indexes")), once=True)


def api(context: Context, heartbeat: Path, metrics: Path) -> ProcessSpec:
    """Return the HTTP API, which reads its settings itself; API_APP replaces what it serves, for measuring it."""
    settings = context.settings
    host, port = env.required(settings, "API_HOST"), env.port(settings, "API_PORT")
    url = ports.http_url(host, port)
    return ProcessSpec(
        "api",
        (context.python, "-m", "api.serve", settings.get("API_APP", "api.asgi:app")),
        pending=lambda: pending(f"{url}/readyz"),
        url=url,
        host=host,
        port=port,
        port_key="API_PORT",
        heartbeat=heartbeat,
        metrics=metrics,
        watched=(*LIBS, ROOT / "services/api/src"),
    )


def worker(context: Context, heartbeat: Path, metrics: Path) -> ProcessSpec:
    """Return the Celery worker; WORKER_APP replaces what it runs, for measuring it.

    Its name is stable, so that after a crash it takes up its own work again.
    """
    settings = context.settings
    app, port = settings.get("WORKER_APP", "worker.main:app"), settings.get("METRICS_PORT", "")
    command = [
        context.python,
        "-m",
        "common.environment",
        "celery",
        "--quiet",
        "-A",
        app,
        "worker",
        "--hostname",
        "worker1@%h",
    ]
    command += ["--pool", "prefork", "--concurrency", env.required(settings, "WORKER_CONCURRENCY")]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return replace(
        _beating("worker", command, heartbeat),
        # Its tasks get their time, and then it gives back what they did not finish.
        stop_timeout=env.seconds(settings, "WORKER_STOP_GRACE") + 5,
        metrics=metrics,
        host=settings.get("METRICS_HOST") or "127.0.0.1",
        port=int(port) if port.isdecimal() else 0,
        port_key="METRICS_PORT",
    )


def beat(context: Context, heartbeat: Path) -> ProcessSpec:
    """Return the scheduler."""
    command = _alone(context, "celery", "--quiet", "-A", "worker.main:app", "beat")
    return _beating("beat", [*command, "--scheduler", "worker.schedule:TickScheduler"], heartbeat)


def _alone(context: Context, *command: str) -> list[str]:
    return [context.python, *venv.ALONE, *command]


def _beating(name: str, command: Sequence[str], heartbeat: Path) -> ProcessSpec:
    return ProcessSpec(
        name,
        tuple(command),
        pending=lambda: "" if heartbeat.exists() else "no heartbeat yet",
        heartbeat=heartbeat,
        watched=(*LIBS, ROOT / "services/worker/src"),
    )


def pending(url: str) -> str:
    """Return why a page of this machine cannot be had, past any proxy; empty when it can."""
    address = urlsplit(url)
    try:
        # Not by httpx2: it is asked twenty times a second, while all processes start.
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=3)) as connection:
            connection.request("GET", address.path or "/")
            answer = connection.getresponse()
            return "" if answer.status == 200 else f"{url} answered: {answer.status} {answer.reason}"
    except (OSError, HTTPException):
        return f"no answer at {url} yet"


def own_environ(spec: ProcessSpec) -> dict[str, str]:
    """Return what a process finds in its environment besides the supervisor's; the settings files it reads itself."""
    heartbeat = {"HEARTBEAT_FILE": str(spec.heartbeat)} if spec.heartbeat else {}
    metrics = {"PROMETHEUS_MULTIPROC_DIR": str(spec.metrics)} if spec.metrics else {}
    return {"PYTHONUNBUFFERED": "1", **heartbeat, **metrics}
