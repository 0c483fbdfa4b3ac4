"""The command that measures speed."""

from typing import Annotated

from devkit import values
from devkit.commands.command import command


@command(positional=["what"])
def bench(
    *,
    what: Annotated[str, "what to measure: first-minute, jobs or load"],
    requests: Annotated[str, "jobs, load: how many jobs"] = "",
) -> int:
    """Measure (first-minute, jobs, load, --requests)."""
    from devkit.bench import first_minute, jobs, load

    [kind] = values.names("WHAT", what, ["first-minute", "jobs", "load"])[:1] or [""]
    count = values.whole("--requests", requests, most=1_000_000) if requests else 0
    if kind == "first-minute":
        return first_minute.measure()
    return jobs.measure(count or jobs.REQUESTS) if kind == "jobs" else load.measure(count or load.REQUESTS)
