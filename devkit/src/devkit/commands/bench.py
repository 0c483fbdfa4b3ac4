"""The command that measures speed."""

from typing import Annotated

from devkit import values
from devkit.commands.command import command
from devkit.terminal import CommandError


@command(positional=["what"])
def bench(
    *,
    what: Annotated[str, "what to measure: first-minute, jobs or load"],
    requests: Annotated[str, "jobs, load: how many jobs"] = "",
) -> None:
    """Measure (first-minute, jobs, load, --requests)."""
    from devkit.bench import first_minute, jobs, load

    [kind] = values.names("WHAT", what, ["first-minute", "jobs", "load"])[:1] or [""]
    count = values.whole("--requests", requests, most=1_000_000) if requests else 0
    if kind == "first-minute":
        code = first_minute.measure()
    elif kind == "jobs":
        code = jobs.measure(count or jobs.REQUESTS)
    else:
        code = load.measure(count or load.REQUESTS)
    if code:
        raise CommandError("", code=code)
