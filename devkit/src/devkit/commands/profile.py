"""The command that shows where time goes."""

from pathlib import Path
from typing import Annotated

from devkit import ROOT, values, venv
from devkit.commands.command import command
from devkit.terminal import CommandError

_SERVICES = ["api", "worker"]


@command()
def profile(
    *,
    live: Annotated[str, "profile the running services (or a stack of its own) so long, such as 20s"] = "",
    service: Annotated[str, "api or worker only"] = "",
    data: Annotated[str, "the data folder of the running stack"] = str(ROOT / ".data"),
    reports: Annotated[str, "the folder of the results"] = str(ROOT / "reports"),
) -> None:
    """Show where time goes: in tests, or in services (--live 20s)."""
    from devkit.profiling.record import profile as record

    if not live and not service:
        venv.run(venv.program("nox"), "--session", "profile")
        return
    if not live:
        raise CommandError("--service needs --live, such as --live=20s.", code=2)
    services = values.names("--service", service, _SERVICES) or _SERVICES
    record(services, values.seconds("--live", live), data=Path(data), reports=Path(reports))
