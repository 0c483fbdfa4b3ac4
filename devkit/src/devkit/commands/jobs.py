"""The command for durable jobs."""

from __future__ import annotations

import sys
from typing import Annotated

from devkit import venv
from devkit.commands.command import command


@command(positional=["action", "ids"], letters=False)
def jobs(
    *,
    action: Annotated[str, "list, stats, show, retry or cancel"] = "list",
    ids: Annotated[str, "of the jobs to show, retry or cancel, separated by commas"] = "",
    state: Annotated[str, "list: of this state only, such as failed"] = "",
    name: Annotated[str, "list, retry: of this name only, FEATURE.JOB"] = "",
    older_than: Annotated[str, "list: accepted longer ago, such as 30s, 5m, 2h or 1d"] = "",
    limit: Annotated[str, "list: how many at most, 20 unless told"] = "",
    all_failed: Annotated[bool, "retry: every one that has failed"] = False,
    json: Annotated[bool, "print JSON on standard output"] = False,
) -> None:
    """List or count durable jobs, show, retry or cancel some."""
    values = {"state": state, "name": name, "older-than": older_than, "limit": limit}
    options = [f"--{option}={value}" for option, value in values.items() if value]
    flags = ["--all-failed"] * all_failed + ["--json"] * json
    # Behind two dashes, for an id may begin with one.
    chosen = ["--", *ids.split(",")] * bool(ids)
    venv.run(sys.executable, *venv.ALONE, "admin", "jobs", action, *options, *flags, *chosen)
