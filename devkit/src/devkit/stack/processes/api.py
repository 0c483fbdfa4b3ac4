"""The HTTP API."""

from pathlib import Path

from devkit import env, ports
from devkit.servers.server import Context
from devkit.stack import accounts
from devkit.stack.specs import ProcessSpec, pending, watched

ORDER = 1
PROFILED = "The running API"


def process(context: Context, heartbeat: Path, metrics: Path) -> ProcessSpec:
    """Return the HTTP API, which reads its settings itself; API_APP replaces what it serves, for measuring it."""
    settings = context.settings
    host, port = env.required(settings, "API_HOST"), env.port(settings, "API_PORT")
    url = ports.http_url(host, port)
    return ProcessSpec(
        "api",
        (context.python, "-m", "web.serve", settings.get("API_APP", "api.asgi:app")),
        pending=lambda: pending(f"{url}/readyz"),
        url=url,
        host=host,
        port=port,
        port_key="API_PORT",
        heartbeat=heartbeat,
        metrics=metrics,
        account=accounts.of("api", settings),
        watched=watched("api"),
    )
