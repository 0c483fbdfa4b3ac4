"""The command that changes how many workers run in containers."""

from __future__ import annotations

from typing import Annotated

from devkit.commands.command import command


@command()
def scale(*, wanted: Annotated[str, "the service and how many of it, such as worker=3"]) -> None:
    """Change how many workers run (worker=3)."""
    from devkit.containers import compose, scaling

    scaling.scale(compose.running(), wanted)
