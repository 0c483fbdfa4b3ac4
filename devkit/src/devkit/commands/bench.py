"""The command that measures speed."""

from pathlib import Path
from typing import Annotated

from devkit import ROOT, values
from devkit.commands.command import command

_KINDS = ["first-minute", "api", "jobs", "load"]


@command(positional=["what"])
def bench(
    *,
    what: Annotated[str, "what to measure: first-minute, api, jobs or load"],
    requests: Annotated[str, "jobs, load: how many jobs"] = "",
    rounds: Annotated[str, "api: how many rounds, in which all take turns"] = "",
    seconds: Annotated[str, "api: how long each sends in a round"] = "",
    reports: Annotated[str, "the folder of the results"] = str(ROOT / "reports"),
    report_only: Annotated[bool, "make no failure of an aim that is missed"] = False,
) -> int:
    """Measure (first-minute, api, jobs, load, --requests, --rounds)."""
    from devkit.bench import api, first_minute, jobs, load

    [kind] = values.names("WHAT", what, _KINDS)[:1] or [""]
    count = values.whole("--requests", requests, most=1_000_000) if requests else 0
    turns = values.whole("--rounds", rounds, most=100) if rounds else 0
    duration = values.positive("--seconds", seconds, most=600) if seconds else 0
    if kind == "first-minute":
        return first_minute.measure(report_only=report_only)
    if kind == "api":
        return api.measure(
            Path(reports), rounds=turns or api.ROUNDS, seconds=duration or api.SECONDS, report_only=report_only
        )
    return jobs.measure(count or jobs.REQUESTS) if kind == "jobs" else load.measure(count or load.REQUESTS)
