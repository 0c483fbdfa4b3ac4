"""Commands for the product in containers."""

from __future__ import annotations

import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import command

SERVICE = "this service only, such as worker"


def _containers(*arguments: str) -> None:
    venv.run(sys.executable, "-m", "devkit.containers", *arguments)


@command(positional=["service"])
def build(
    *,
    service: Annotated[str, "this service's image only: admin, api or worker"] = "",
    bases: Annotated[bool, "first build the base images from Debian's packages, without a registry"] = False,
) -> None:
    """Build the images ([SERVICE], --bases)."""
    _containers("build", *[service] * bool(service), *["--bases"] * bases)


@command
def config() -> None:
    """Show the containers' configuration, secrets masked."""
    _containers("config")


@command
def up() -> None:
    """Start the product in containers, healthy when it returns."""
    _containers("up")


@command
def down() -> None:
    """Stop and remove the containers, data kept."""
    _containers("down")


@command
def ps() -> None:
    """List the containers."""
    _containers("ps")


@command(positional=["service"])
def logs(
    *,
    service: Annotated[str, SERVICE] = "",
    follow: Annotated[bool, "go on showing new lines until Ctrl-C"] = False,
) -> None:
    """Show the containers' logs ([SERVICE], -f)."""
    _containers("logs", *[service] * bool(service), *["--follow"] * follow)


@command(positional=["service"])
def restart(
    *,
    service: Annotated[str, SERVICE] = "",
) -> None:
    """Restart the containers, gracefully ([SERVICE])."""
    _containers("restart", *[service] * bool(service))


@command(positional=["words"])
def admin(
    *,
    words: Annotated[str, "the command in quotes, such as 'jobs list'; without one, all are listed"] = "",
) -> None:
    """Run an operators' command in a container ('backup -' > FILE)."""
    _containers("admin", "--", words)


@command
def scale(
    *,
    wanted: Annotated[str, "the service and how many of it, such as worker=3"],
) -> None:
    """Change how many workers run (worker=3)."""
    _containers("scale", wanted)
