"""Commands for the product in containers."""

from __future__ import annotations

from invoke.context import Context

from devkit import venv
from devkit.commands.command import command, command_with
from devkit.install import ensure

SERVICE = "this service only, such as worker"


def _containers(*arguments: str) -> None:
    venv.run(ensure(), "-m", "devkit.containers", *arguments)


@command_with(
    positional=["service"],
    service="this service's image only: api or worker",
    bases="instead, the images ours are based on, from Debian's packages: for where no registry can be reached",
)
def build(_context: Context, *, service: str = "", bases: bool = False) -> None:
    """Build the images ([SERVICE], --bases)."""
    _containers("build", *[service] * bool(service), *["--bases"] * bases)


@command
def config(_context: Context) -> None:
    """Show the containers' configuration, secrets masked."""
    _containers("config")


@command
def up(_context: Context) -> None:
    """Start the product in containers, healthy when it returns."""
    _containers("up")


@command
def down(_context: Context) -> None:
    """Stop and remove the containers, data kept."""
    _containers("down")


@command
def ps(_context: Context) -> None:
    """List the containers."""
    _containers("ps")


@command_with(positional=["service"], service=SERVICE, follow="go on showing new lines until Ctrl-C")
def logs(_context: Context, *, service: str = "", follow: bool = False) -> None:
    """Show the containers' logs ([SERVICE], -f)."""
    _containers("logs", *[service] * bool(service), *["--follow"] * follow)


@command_with(positional=["service"], service=SERVICE)
def restart(_context: Context, *, service: str = "") -> None:
    """Restart the containers, gracefully ([SERVICE])."""
    _containers("restart", *[service] * bool(service))


@command_with(wanted="the service and how many of it, such as worker=3")
def scale(_context: Context, *, wanted: str) -> None:
    """Change how many workers run (worker=3)."""
    _containers("scale", wanted)
