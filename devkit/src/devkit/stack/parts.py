"""The parts of the product that run as processes, and how each proves that it works."""

import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from devkit import ROOT, env, venv
from devkit.servers.server import Context

_LIBS = tuple(sorted(ROOT.glob("libs/*/src")))


@dataclass(frozen=True)
class Part:
    """One process of the stack.

    `pending` tells what is still missing until the part works, and "" once it does. A part that runs `once` works when
    it has ended well. `port` is what it listens on, `port_key` the setting to change when that is taken. A part with a
    `heartbeat` touches that file as long as it works; in production it is killed after `silence` seconds without.
    The processes of a part with `metrics` count in that folder; it is emptied before the part is started.
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


def product_parts(context: Context) -> list[Part]:
    """Return the product's parts in the order they are stopped: what takes work in first, what finishes it last."""
    run = context.data / "run"
    return [
        indexes(context),
        api(context, run / "api.heartbeat", run / "api.metrics"),
        beat(context, run / "beat.heartbeat"),
        worker(context, run / "worker.heartbeat", run / "worker.metrics"),
    ]


def indexes(context: Context) -> Part:
    """Return the command that makes the declared indexes."""
    return Part("indexes", tuple(_alone(context, "admin", "indexes")), once=True)


def api(context: Context, heartbeat: Path, metrics: Path) -> Part:
    """Return the HTTP API, which reads its settings itself; API_APP replaces what it serves, for measuring it."""
    settings = context.settings
    host, port = env.required(settings, "API_HOST"), env.port(settings, "API_PORT")
    local = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return Part(
        "api",
        (context.python, "-m", "api.serve", settings.get("API_APP", "api.asgi:app")),
        pending=lambda: _http_pending(local, port, "/readyz"),
        url=f"http://{local}:{port}",
        host=host,
        port=port,
        port_key="API_PORT",
        heartbeat=heartbeat,
        metrics=metrics,
        watched=(*_LIBS, ROOT / "services/api/src"),
    )


def worker(context: Context, heartbeat: Path, metrics: Path) -> Part:
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


def beat(context: Context, heartbeat: Path) -> Part:
    """Return the scheduler."""
    command = _alone(context, "celery", "--quiet", "-A", "worker.main:app", "beat")
    return _beating("beat", [*command, "--scheduler", "worker.schedule:TickScheduler"], heartbeat)


def _alone(context: Context, *command: str) -> list[str]:
    return [context.python, *venv.ALONE, *command]


def _beating(name: str, command: Sequence[str], heartbeat: Path) -> Part:
    return Part(
        name,
        tuple(command),
        pending=lambda: "" if heartbeat.exists() else "no heartbeat yet",
        heartbeat=heartbeat,
        watched=(*_LIBS, ROOT / "services/worker/src"),
    )


def _http_pending(host: str, port: int, path: str) -> str:
    answer = b""
    request = f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=3) as connection:
        connection.sendall(request)
        while part := connection.recv(4096):
            answer += part
    if not answer:
        return f"no answer on port {port} yet"
    status = answer.split(b"\r\n", 1)[0].decode(errors="replace")
    return "" if status.split()[1:2] == ["200"] else f"{path} answered: {status}"


def part_environ(part: Part) -> dict[str, str]:
    """Return what a part finds in its environment besides the supervisor's; the settings files it reads itself."""
    heartbeat = {"HEARTBEAT_FILE": str(part.heartbeat)} if part.heartbeat else {}
    metrics = {"PROMETHEUS_MULTIPROC_DIR": str(part.metrics)} if part.metrics else {}
    return {"PYTHONUNBUFFERED": "1", **heartbeat, **metrics}
