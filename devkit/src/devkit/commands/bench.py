"""The command that measures speed."""

from pathlib import Path
from typing import Annotated

from devkit import ROOT, values
from devkit.commands.command import command

_KINDS = ["first-minute", "api", "jobs", "growth", "load"]


@command(positional=["what"])
def bench(
    *,
    what: Annotated[str, "what to measure: first-minute, api, jobs, growth or load"],
    requests: Annotated[str, "jobs, growth: how many in each burst; load: how many"] = "",
    documents: Annotated[str, "growth: at how many documents at most; 1000, and ten times as many each time"] = "",
    rounds: Annotated[str, "api, jobs, growth: how many rounds"] = "",
    seconds: Annotated[str, "api: how long each is asked in a round; jobs: at a steady rate; growth: at rest"] = "",
    reports: Annotated[str, "the folder of the results"] = str(ROOT / "reports"),
    report_only: Annotated[bool, "make no failure of an aim that is missed"] = False,
) -> int:
    """Measure (first-minute, api, jobs, growth, load)."""
    from devkit.bench import api, first_minute, growth, jobs, load, postgres

    [kind] = values.names("WHAT", what, _KINDS)[:1] or [""]
    count = values.whole("--requests", requests, most=1_000_000) if requests else 0
    most = values.whole("--documents", documents, least=1000, most=10_000_000) if documents else growth.DOCUMENTS
    turns = values.whole("--rounds", rounds, most=100) if rounds else 0
    duration = values.positive("--seconds", seconds, most=600) if seconds else 0
    folder = Path(reports)
    if kind == "api":
        return api.measure(folder, rounds=turns or api.ROUNDS, seconds=duration or api.SECONDS, report_only=report_only)
    if kind == "jobs":
        return jobs.measure(
            folder,
            rounds=turns or jobs.ROUNDS,
            requests=count or jobs.REQUESTS,
            seconds=duration or jobs.SECONDS,
            report_only=report_only,
            programs=postgres.binaries(),
        )
    if kind == "growth":
        return growth.measure(
            folder,
            documents=most,
            rounds=turns or growth.ROUNDS,
            requests=count or growth.REQUESTS,
            seconds=duration or growth.SECONDS,
            report_only=report_only,
        )
    if kind == "load":
        return load.measure(count or load.REQUESTS)
    return first_minute.measure(report_only=report_only)
