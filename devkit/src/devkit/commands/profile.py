"""The command that shows where time goes."""

from pathlib import Path
from typing import Annotated

from devkit import ROOT, values, venv
from devkit.commands.command import command
from devkit.terminal import CommandError


@command()
def profile(
    *,
    live: Annotated[str, "profile the running services (or a stack of its own) so long, such as 20s"] = "",
    service: Annotated[str, "these processes only, such as api"] = "",
    data: Annotated[str, "the data folder of the running stack"] = str(ROOT / ".data"),
    reports: Annotated[str, "the folder of the results"] = str(ROOT / "reports"),
) -> None:
    """Show where time goes: in tests, or in services (--live 20s)."""
    from devkit.profiling.record import profile as record
    from devkit.stack.product import profiled

    if not live and not service:
        venv.run(venv.program("nox"), "--session", "profile")
        return
    if not live:
        raise CommandError("--service needs --live, such as --live=20s.", code=2)
    services = values.names("--service", service, there := list(profiled())) or there
    record(services, values.seconds("--live", live), data=Path(data), reports=Path(reports))
